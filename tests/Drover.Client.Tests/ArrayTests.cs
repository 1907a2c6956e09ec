namespace Drover.Client.Tests;

public sealed class ArrayTests : ClientTest
{
    private ArrayHandle Array => Client.Array(new JobId(16));

    [Fact]
    public async Task An_array_is_described_as_the_protocol_says()
    {
        string body = "";
        Server.On("POST /api/v1/arrays", async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            body = await reader.ReadToEndAsync();
            await Info()(http);
        });
        ArrayHandle array = await Client.SubmitArrayAsync(new ArraySpec { Job = new JobSpec { Command = ["true"] }, Indices = "1-9", AtOnce = 3 });
        Assert.Equal(new JobId(16), array.Id);
        Assert.Equal("""{"job":{"command":["true"],"site":"local","cpus":1,"priority":0},"indices":"1-9","atOnce":3}""", body);
    }

    [Fact]
    public async Task Waiting_asks_again_until_the_array_is_over()
    {
        Server.On("GET /api/v1/arrays/16", Info(), Info(), Info(isOver: true));
        Assert.True((await Array.WaitAsync()).IsOver);
        Assert.Equal(3, Server.Requests.Count(r => r == "GET /api/v1/arrays/16?waitSeconds=30&until=ended"));
    }

    [Fact]
    public async Task Cancelling_is_repeated_because_twice_is_as_good_as_once()
    {
        Server.On("POST /api/v1/arrays/16/cancel", Answers.Break, Info());
        await Array.CancelAsync(new CancelRequest { Why = "too slow" });
        Assert.Equal(2, Server.Requests.Count);
    }

    [Fact]
    public async Task A_submit_whose_answer_was_lost_is_repeated()
    {
        var workflow = new WorkflowInfo { Steps = new Dictionary<string, JobId> { ["a"] = new(1) } };
        Server.On("POST /api/v1/arrays", Answers.Break, Info());
        Server.On("POST /api/v1/workflows", Answers.Break, Answers.Json(workflow, ProtocolJson.Default.WorkflowInfo));
        var job = new JobSpec { Command = ["true"] };
        await Client.SubmitArrayAsync(new ArraySpec { Job = job, Indices = "1-9" });
        await Client.SubmitWorkflowAsync(new Workflow { Steps = [new WorkflowStep { Key = "a", Job = job }] });
        Assert.Equal(4, Server.Requests.Count);
    }

    [Fact]
    public async Task A_workflow_tells_the_numbers_of_its_steps()
    {
        var accepted = new WorkflowInfo { Steps = new Dictionary<string, JobId> { ["a"] = new(17) } };
        Server.On("POST /api/v1/workflows", Answers.Json(accepted, ProtocolJson.Default.WorkflowInfo, 201));
        WorkflowInfo info = await Client.SubmitWorkflowAsync(
            new Workflow { Steps = [new WorkflowStep { Key = "a", Job = new JobSpec { Command = ["true"] } }] });
        Assert.Equal(new JobId(17), info.Steps["a"]);
    }

    [Fact]
    public async Task Its_jobs_are_listed_page_by_page()
    {
        Server.On(
            "GET /api/v1/jobs",
            Answers.Json(new JobList { Jobs = [SomeJobs.Running(19), SomeJobs.Queued(18)], Next = new JobId(18) }, ProtocolJson.Default.JobList),
            Answers.Json(new JobList { Jobs = [SomeJobs.Queued(17)] }, ProtocolJson.Default.JobList));
        var numbers = new List<long>();
        await foreach (JobInfo job in Array.ListAllJobsAsync(JobSelection.Unfinished))
        {
            numbers.Add(job.Id.Value);
        }

        Assert.Equal([19, 18, 17], numbers);
        Assert.Equal(
            ["GET /api/v1/jobs?limit=1000&state=unfinished&array=16", "GET /api/v1/jobs?limit=1000&state=unfinished&array=16&before=18"],
            Server.Requests);
    }

    [Fact]
    public async Task A_job_is_found_by_its_place()
    {
        Server.On("GET /api/v1/jobs/16_3", Answers.Job(SomeJobs.Queued(19)));
        Assert.Equal(new JobId(19), (await Array.JobAsync(3)).Id);
        Assert.Equal(new JobId(19), (await Client.FindJobAsync(JobRef.Parse("16_3", null))).Id);
        Assert.Equal(2, Server.Requests.Count);
        Assert.Equal(new JobId(5), (await Client.FindJobAsync(new JobId(5))).Id);
        Assert.Equal(2, Server.Requests.Count); // A number needs no asking.
    }

    [Fact]
    public async Task What_is_not_there_is_told_by_its_own_error()
    {
        await Assert.ThrowsAsync<JobNotFoundException>(() => Array.GetAsync());
        await Assert.ThrowsAsync<JobNotFoundException>(() => Array.ExplainAsync());
        JobNotFoundException missing = await Assert.ThrowsAsync<JobNotFoundException>(() => Array.JobAsync(3));
        Assert.False(missing.IsArray);
    }

    [Fact]
    public async Task The_number_of_an_array_is_told_from_a_missing_job()
    {
        Server.On("GET /api/v1/jobs/1", Answers.Problem(404, "isArray", "1 is an array."));
        JobNotFoundException error = await Assert.ThrowsAsync<JobNotFoundException>(() => Job.GetAsync());
        Assert.True(error.IsArray);
        Assert.Equal("1 is an array.", error.Message);
    }

    private static Answer Info(bool isOver = false) => Answers.Json(
        new ArrayInfo
        {
            Id = new JobId(16),
            Name = "orbits",
            User = "ada",
            Spec = new ArraySpec { Job = new JobSpec { Command = ["true"] }, Indices = "1-9" },
            SubmittedAt = SomeJobs.Noon,
            Count = 9,
            FirstJob = new JobId(17),
            IsOver = isOver,
        },
        ProtocolJson.Default.ArrayInfo);
}
