using System.Text.Json;

namespace Drover.Cli.Tests.Commands;

public sealed class ArrayTests : CommandTest
{
    private static readonly ArrayInfo s_array = new()
    {
        Id = new JobId(17),
        Name = "orbits",
        User = "ada",
        Spec = new ArraySpec { Job = new JobSpec { Command = ["./orbits"] }, Indices = "1-10", AtOnce = 4 },
        SubmittedAt = SomeJobs.Noon,
        Count = 10,
        FirstJob = new JobId(18),
        Queued = 5,
        Running = 2,
        Succeeded = 2,
        Failed = 1,
    };

    private static readonly ArrayInfo s_over = s_array with { Queued = 0, Running = 0, Succeeded = 9, IsOver = true, ExitCode = 7 };

    [Fact]
    public async Task Submit_of_an_array_prints_its_number()
    {
        ArraySpec? spec = null;
        Server.On("POST /api/v1/arrays", async http =>
        {
            spec = await JsonSerializer.DeserializeAsync(http.Request.Body, ProtocolJson.Default.ArraySpec);
            await Answer(s_array)(http);
        });
        Assert.Equal("17\n", (await RunAsync("submit", "--array", "1-10%4", "./orbits")).Output);
        Assert.Equal(("1-10", 4), (spec!.Indices, spec.AtOnce));
        Assert.Equal(["./orbits"], spec.Job.Command);
    }

    [Fact]
    public async Task Run_of_an_array_waits_for_all_and_exits_with_the_highest_code()
    {
        Server.On("POST /api/v1/arrays", Answer(s_array)).On("GET /api/v1/arrays/17", Answer(s_over))
            .On("GET /api/v1/arrays/17/explanation", Answers.Json(Story(("succeeded", [1, 2, 4]), ("exited with code 7", [3])), ProtocolJson.Default.ArrayExplanation));
        CommandResult result = await RunAsync("run", "--array", "1-10", "./orbits");
        Assert.Equal((7, ""), (result.ExitCode, result.Output));
        Assert.Equal(
            """
            drover: array 17: what its jobs write is kept; `drover log 17_INDEX` shows it
            drover: array 17 has ended: 10 jobs: 9 succeeded, 1 failed
            drover: job 17_3 exited with code 7; `drover explain 17_3` tells more

            """,
            result.Error);
    }

    [Fact]
    public async Task Run_of_an_array_names_some_of_many_failures_without_asking_for_each_job()
    {
        Server.On("POST /api/v1/arrays", Answer(s_array)).On("GET /api/v1/arrays/17", Answer(s_over with { Succeeded = 1, Failed = 9, ExitCode = 137 }))
            .On("GET /api/v1/arrays/17/explanation", Answers.Json(
                Story(("exited with code 7", [2, 5, 6]), ("ended by signal 9 (SIGKILL)", [3, 4, 8]), ("succeeded", [1])), ProtocolJson.Default.ArrayExplanation));
        CommandResult result = await RunAsync("run", "--array", "1-10", "./orbits");
        Assert.Equal(137, result.ExitCode);
        Assert.Contains("drover: job 17_3 ended by signal 9 (SIGKILL); `drover explain 17_3` tells more\n", result.Error);
        Assert.EndsWith("drover: 4 more failed; `drover list --array 17` shows them\n", result.Error);
        Assert.Empty(Server.RequestsTo("/api/v1/jobs"));
    }

    [Theory]
    [InlineData("hold 17", """{"hold":true}""", "held")]
    [InlineData("release 17", """{"hold":false}""", "released")]
    [InlineData("change 17 --priority 3 --time 60 --at-once 2", """{"priority":3,"timeLimitSeconds":60,"atOnce":2}""", "changed")]
    public async Task An_array_is_changed_in_one_request(string line, string body, string done)
    {
        string? sent = null;
        Server.On("PATCH /api/v1/jobs/17", IsArray).On("GET /api/v1/jobs/17", IsArray).On("PATCH /api/v1/arrays/17", async http =>
        {
            sent = await new StreamReader(http.Request.Body).ReadToEndAsync();
            await Answer(s_array)(http);
        });
        CommandResult result = await RunAsync(line.Split(' '));
        Assert.Equal((0, $"array 17 (orbits): 5 jobs that wait are {done}\n", body), (result.ExitCode, result.Output, sent));
    }

    [Fact]
    public async Task A_job_has_no_number_of_jobs_at_once()
    {
        Server.OnJob(SomeJobs.Queued());
        CommandResult result = await RunAsync("change", "1", "--at-once", "2");
        Assert.Equal((2, "drover: --at-once is for arrays, and 1 is a job.\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task List_shows_an_array_in_one_row_and_skips_its_jobs()
    {
        Server.On("GET /api/v1/arrays/17", Answer(s_array)).On("GET /api/v1/jobs", http => (http.Request.Query["state"], http.Request.Query["before"]) switch
        {
            (_, _) when http.Request.Query["state"] == "ended" => Answers.Json(new JobList { Jobs = [Element(20, 3, new Ending.Exited(7))] }, ProtocolJson.Default.JobList)(http),
            (_, var before) when before == "18" => Answers.Json(new JobList { Jobs = [SomeJobs.Running(3)] }, ProtocolJson.Default.JobList)(http),
            _ => Answers.Json(new JobList { Jobs = [Element(27, 10, null), Element(26, 9, null)], Next = new JobId(26) }, ProtocolJson.Default.JobList)(http),
        });
        CommandResult result = await RunAsync("list");
        Assert.Equal(
            """
            ID  NAME    STATE    SITUATION                                            PROGRESS  ELAPSED  SITE
            17  orbits  running  10 jobs: 2 succeeded, 1 failed, 2 running, 5 queued  30%         1m 5s  local
             3  orbits  running                                                                   1m 4s  local

            """,
            result.Output);
    }

    [Fact]
    public async Task List_expands_the_jobs_of_an_array()
    {
        Server.On("GET /api/v1/jobs", Answers.Json(new JobList { Jobs = [Element(20, 3, null)] }, ProtocolJson.Default.JobList));
        Assert.Contains("17_3  orbits  running", (await RunAsync("list", "--expand", "--limit", "1")).Output);
        Assert.Contains("17_3  orbits  running", (await RunAsync("list", "--array", "17", "--limit", "1")).Output);
        Assert.Contains("array=17", Server.RequestsTo("/api/v1/jobs")[^1]);
    }

    [Fact]
    public async Task Show_wait_and_cancel_take_the_number_of_an_array()
    {
        Server.On("GET /api/v1/jobs/17", IsArray).On("POST /api/v1/jobs/17/cancel", IsArray)
            .On("GET /api/v1/arrays/17", Answer(s_over)).On("POST /api/v1/arrays/17/cancel", Answer(s_array));
        Assert.Contains("jobs         10 jobs: 9 succeeded, 1 failed\n", (await RunAsync("show", "17")).Output);
        CommandResult waited = await RunAsync("wait", "17");
        Assert.Equal((7, "array 17 has ended: 10 jobs: 9 succeeded, 1 failed\n"), (waited.ExitCode, waited.Output));
        Assert.Equal("array 17 (orbits) is being canceled: 10 jobs: 2 succeeded, 1 failed, 2 running, 5 queued\n", (await RunAsync("cancel", "17")).Output);
    }

    [Fact]
    public async Task A_job_of_an_array_is_named_by_its_index()
    {
        Server.On("GET /api/v1/jobs/17_3", Answers.Job(Element(20, 3, null))).On("GET /api/v1/jobs/20", Answers.Job(Element(20, 3, null)));
        string shown = (await RunAsync("show", "17_3")).Output;
        Assert.Contains("job          20\n", shown);
        Assert.Contains("array        17, index 3\n", shown);
    }

    [Fact]
    public async Task Cancel_all_asks_once_for_each_array()
    {
        Server.On("GET /api/v1/jobs", Answers.Json(new JobList { Jobs = [Element(27, 10, null), Element(26, 9, null), SomeJobs.Running(3)] }, ProtocolJson.Default.JobList))
            .On("POST /api/v1/arrays/17/cancel", Answer(s_array)).On("POST /api/v1/jobs/3/cancel", Answers.Job(SomeJobs.Running(3)));
        CommandResult result = await RunAsync("cancel", "--all");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(2, result.Output.TrimEnd('\n').Split('\n').Length);
        Assert.Single(Server.RequestsTo("/api/v1/arrays/17/cancel"));
    }

    [Fact]
    public async Task Cancel_all_does_not_list_the_rest_of_an_array_that_is_canceled()
    {
        Server.On(
                "GET /api/v1/jobs",
                Answers.Json(new JobList { Jobs = [SomeJobs.Running(30), Element(27, 10, null), Element(26, 9, null)], Next = new JobId(26) }, ProtocolJson.Default.JobList),
                Answers.Json(new JobList { Jobs = [SomeJobs.Running(3)] }, ProtocolJson.Default.JobList))
            .On("POST /api/v1/arrays/17/cancel", Answer(s_array)).On("POST /api/v1/jobs/3/cancel", Answers.Job(SomeJobs.Running(3)))
            .On("POST /api/v1/jobs/30/cancel", Answers.Job(SomeJobs.Running(30)));
        Assert.Equal(0, (await RunAsync("cancel", "--all")).ExitCode);
        Assert.Equal([false, true], Server.RequestsTo("/api/v1/jobs").Select(request => request.EndsWith("before=17", StringComparison.Ordinal)));
        Assert.Single(Server.RequestsTo("/api/v1/arrays/17/cancel"));
        Assert.Single(Server.RequestsTo("/api/v1/jobs/3/cancel"));
    }

    private static Answer IsArray => Answers.Problem(404, "isArray", "17 is an array.");

    private static Answer Answer(ArrayInfo array) => Answers.Json(array, ProtocolJson.Default.ArrayInfo);

    private static ArrayExplanation Story(params (string What, int[] Examples)[] endings) => new()
    {
        Array = s_over,
        Summary = "",
        Waiting = [],
        Endings = [.. endings.Select(e => new ArrayGroup { What = e.What, Count = e.Examples.Length, Examples = e.Examples })],
        Advice = [],
    };

    private static JobInfo Element(long id, int index, Ending? ending) =>
        (ending is null ? SomeJobs.Running(id) : SomeJobs.Ended(id, ending)) with { Array = new ArrayElement(new JobId(17), index) };
}
