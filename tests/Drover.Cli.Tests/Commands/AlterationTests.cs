using System.Text.Json;

namespace Drover.Cli.Tests.Commands;

public sealed class AlterationTests : CommandTest
{
    private readonly List<JobChanges> _changes = [];

    [Theory]
    [InlineData("hold 1", "job 1 (orbits) is held\n")]
    [InlineData("release 1", "job 1 (orbits) is released\n")]
    [InlineData("pin 1", "job 1 (orbits) is pinned\n")]
    [InlineData("unpin 1", "job 1 (orbits) is unpinned\n")]
    [InlineData("change 1 --priority 5 --time 2h", "job 1 (orbits) is changed\n")]
    public async Task A_job_is_changed_and_told(string line, string told)
    {
        OnChange(1, Answers.Job(SomeJobs.Queued()));
        CommandResult result = await RunAsync(line.Split(' '));
        Assert.Equal((0, told, ""), (result.ExitCode, result.Output, result.Error));
        JobChanges expected = line.Split(' ')[0] switch
        {
            "hold" => new JobChanges { Hold = true },
            "release" => new JobChanges { Hold = false },
            "pin" => new JobChanges { Pin = true },
            "unpin" => new JobChanges { Pin = false },
            _ => new JobChanges { Priority = 5, TimeLimitSeconds = 7200 },
        };
        Assert.Equal([expected], _changes);
    }

    [Fact]
    public async Task One_that_cannot_be_changed_does_not_keep_the_others_from_it()
    {
        OnChange(1, Answers.Problem(409, "conflict", "Job 1 runs already."));
        OnChange(2, Answers.Job(SomeJobs.Queued(2)));
        CommandResult result = await RunAsync("hold", "1", "2");
        Assert.Equal((1, "job 2 (orbits) is held\n", "drover: Job 1 runs already.\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task A_change_of_nothing_is_wrong_usage() => Assert.Equal(2, (await RunAsync("change", "1")).ExitCode);

    [Fact]
    public async Task The_log_of_an_earlier_attempt_can_be_shown()
    {
        Server.OnJob(SomeJobs.Ended()).On("GET /api/v1/jobs/1/log", http =>
            (http.Request.Query["attempt"] == "1" && http.Request.Query["stream"] != "stderr" ? Answers.Bytes("first"u8) : Answers.Bytes())(http));
        Assert.Equal("first", (await RunAsync("log", "1", "--attempt", "1")).Output);
        Assert.Equal("first", (await RunAsync("log", "1", "--attempt", "1", "--tail", "1")).Output);
        Assert.Equal(2, (await RunAsync("log", "1", "--attempt", "0")).ExitCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_follows_a_job_over_its_attempts(bool isFirstOverAtOnce)
    {
        var retry = new RetryPolicy(1);
        JobInfo first = SomeJobs.Running() with { Revision = 2 };
        first = first with { Spec = first.Spec with { Retry = retry } };
        JobInfo second = first with { Attempt = 2, Revision = 3 };
        JobInfo ended = SomeJobs.Ended() with { Attempt = 2, Revision = 4, Spec = second.Spec };
        JobInfo now = isFirstOverAtOnce ? second : first;
        Server.On("POST /api/v1/jobs", Answers.Job(first))
            .On("GET /api/v1/jobs/1/attempts", Answers.Json<IReadOnlyList<AttemptInfo>>(
                [new AttemptInfo { Number = 1, State = JobState.Ended, End = ended.End! with { Ending = new Ending.Exited(75) } }], ProtocolJson.Default.IReadOnlyListAttemptInfo))
            .On("GET /api/v1/jobs/1", http => Answers.Job(now)(http))
            .On("GET /api/v1/jobs/1/log", http => LogAsync(http));
        CommandResult result = await RunAsync("run", "./orbits");
        Assert.Equal((0, "one two "), (result.ExitCode, result.Output));
        Assert.Contains("attempt 1 of job 1 exited with code 75; attempt 2 follows", result.Error);

        async Task LogAsync(Microsoft.AspNetCore.Http.HttpContext http)
        {
            if (http.Request.Query["stream"] == "stderr" || http.Request.Query["offset"] != "0")
            {
                await Answers.Bytes()(http);
            }
            else if (http.Request.Query["attempt"] == "1")
            {
                await Answers.Bytes("one "u8)(http);
                now = second;
            }
            else
            {
                await Answers.Bytes("two "u8)(http);
                now = ended;
            }
        }
    }

    private void OnChange(long id, Answer answer) => Server.On($"PATCH /api/v1/jobs/{id}", async http =>
    {
        _changes.Add((await JsonSerializer.DeserializeAsync(http.Request.Body, ProtocolJson.Default.JobChanges))!);
        await answer(http);
    });
}
