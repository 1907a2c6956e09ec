namespace Drover.EndToEnd.Tests;

/// <summary>Attempts that follow one another, with real processes; by the command line, as people see them.</summary>
public sealed class RetryTests(RunTests.Shared shared) : IClassFixture<RunTests.Shared>
{
    private const string Tries = "n=$(cat $DROVER_RUN_DIR/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > $DROVER_RUN_DIR/n; echo try $n; echo trouble $n >&2; ";

    private readonly Installation _drover = shared.Drover;

    [Fact]
    public async Task A_job_is_tried_again_and_each_attempt_keeps_its_log_and_its_ending()
    {
        CommandResult run = (await _drover.RunAsync(
            "run", "--name", "flaky", "--retries", "3", "--retry-on", "exit:75", "--retry-delay", "200ms", "--", "sh", "-c", Tries + "[ $n = 3 ] || exit 75")).Exits(0);
        Assert.Equal("try 1\ntry 2\ntry 3\n", run.Text);
        JobHandle job = await LastAsync();
        Assert.Contains($"drover: attempt 1 of job {job.Id} exited with code 75; attempt 2 follows\n", run.Error);
        for (int number = 1; number <= 3; number++)
        {
            Assert.Equal($"try {number}\n", (await _drover.RunAsync("log", job.Id.ToString(), "--attempt", $"{number}")).Exits(0).Text);
            CommandResult error = await _drover.RunAsync("log", job.Id.ToString(), "--attempt", $"{number}", "--stream", "stderr");
            Assert.Equal($"trouble {number}\n", error.Exits(0).Text);
        }

        (await _drover.RunAsync("log", job.Id.ToString(), "--attempt", "4")).Exits(1);
        string shown = (await _drover.RunAsync("show", job.Id.ToString())).Exits(0).Text;
        Assert.Contains("attempt      3", shown);
        Assert.Equal(2, shown.Split("exited with code 75").Length - 1);
        string story = (await _drover.RunAsync("explain", job.Id.ToString())).Exits(0).Text;
        Assert.Contains("attempt 1 exited with code 75: attempt 2 of 4 follows in 200 ms", story);
        Assert.Contains("attempt 2 exited with code 75: attempt 3 of 4 follows in 400 ms", story);
        Assert.Equal(
            [new Ending.Exited(75), new Ending.Exited(75), new Ending.Exited(0)], (await job.AttemptsAsync()).Select(attempt => attempt.End!.Ending));
    }

    [Fact]
    public async Task The_last_lines_are_followed_into_the_next_attempt()
    {
        JobHandle job = await _drover.SubmitAsync(new JobSpec
        {
            Command = ["sh", "-c", Tries + "echo more of $n; [ -e go ] || exit 75"],
            Retry = new RetryPolicy(1, 600),
        });
        await Eventually.IsTrueAsync(async () => (await job.GetAsync()) is { Attempt: 2, StartedAt: null }, "the end of the first attempt");
        using RunningCommand log = _drover.Start("log", job.Id.ToString(), "--tail", "1", "-f", "--stream", "stdout");
        await log.WritesAsync("more of 1");
        await job.CancelAsync();
        Assert.Equal("more of 1\n", (await log.EndAsync()).Exits(0).Text);

        // What was canceled before it began has no log; what is left is that of the attempt before.
        Assert.Equal("try 1\nmore of 1\n", (await _drover.RunAsync("log", job.Id.ToString(), "--stream", "stdout")).Exits(0).Text);
    }

    [Fact]
    public async Task No_attempt_begins_before_its_time_which_doubles()
    {
        JobHandle job = await _drover.SubmitAsync(new JobSpec
        {
            Command = ["sh", "-c", "exit 1"],
            Retry = new RetryPolicy(2, 0.3),
        });
        Assert.Equal(new Ending.Exited(1), await job.EndingAsync());
        IReadOnlyList<AttemptInfo> attempts = await job.AttemptsAsync();
        Assert.Equal(3, attempts.Count);
        Assert.True(attempts[1].StartedAt - attempts[0].End!.At >= TimeSpan.FromSeconds(0.3));
        Assert.True(attempts[2].StartedAt - attempts[1].End!.At >= TimeSpan.FromSeconds(0.6));
    }

    [Fact]
    public async Task An_ending_that_is_not_named_is_the_last()
    {
        CommandResult run = (await _drover.RunAsync(
            "run", "--retries", "3", "--retry-on", "signal:9,exit:75", "--retry-delay", "100ms", "--", "sh", "-c", Tries + "[ $n != 1 ] || kill -9 $$; exit 3")).Exits(3);
        Assert.Equal("try 1\ntry 2\n", run.Text);
        IReadOnlyList<AttemptInfo> attempts = await (await LastAsync()).AttemptsAsync();
        Assert.Equal(9, Assert.IsType<Ending.Signaled>(attempts[0].End!.Ending).Number);
        Assert.Equal(new Ending.Exited(3), attempts[1].End!.Ending);
    }

    [Fact]
    public async Task What_nobody_saw_the_end_of_is_tried_again_when_that_is_asked_for()
    {
        await using var drover = new Installation();
        await drover.InitializeAsync();
        JobHandle job = await drover.SubmitAsync(new JobSpec
        {
            Command = ["sh", "-c", "echo $DROVER_ATTEMPT; [ ${DROVER_ATTEMPT#*.} = 2 ] || exec sleep 1000"],
            Retry = new RetryPolicy(1, 0.1) { On = ["lost"] },
        });
        await job.IsAsync(JobState.Running);
        await Eventually.IsTrueAsync(async () => await job.LogAsync() == $"{job.Id}.1\n", "its first word");
        await Installation.KillAsync([drover.Keeper, .. drover.ProcessesOf(job)]);
        Assert.Equal(new Ending.Exited(0), await job.EndingAsync());
        Assert.Equal([typeof(Ending.Lost), typeof(Ending.Exited)], (await job.AttemptsAsync()).Select(attempt => attempt.End!.Ending.GetType()));
        Assert.Equal($"{job.Id}.2\n", await job.LogAsync());
    }

    [Fact]
    public async Task The_log_as_events_goes_on_with_the_next_attempt()
    {
        JobHandle job = await _drover.SubmitAsync(new JobSpec
        {
            Command = ["sh", "-c", Tries + "[ $n = 3 ] || exit 75"],
            Retry = new RetryPolicy(3, 0.1),
        });
        string[] lines = await EventsAsync($"api/v1/jobs/{job.Id}/log/events?after=0");
        string[] data = [.. lines.Where(line => line.StartsWith("data: {\"offset\"", StringComparison.Ordinal))];
        Assert.Equal(
            [
                """data: {"offset":0,"text":"try 1\n","attempt":1}""",
                """data: {"offset":0,"text":"try 2\n","attempt":2}""",
                """data: {"offset":0,"text":"try 3\n","attempt":3}""",
                """data: {"offset":6,"text":"","attempt":3}""",
            ],
            data);
        Assert.Equal(["id: 0", "id: 6", "id: 2:6", "id: 3:6", "id: 3:6"], lines.Where(line => line.StartsWith("id: ", StringComparison.Ordinal)));
        Assert.Equal(data[1..], (await EventsAsync($"api/v1/jobs/{job.Id}/log/events?after=6")).Where(line => line.StartsWith("data: {\"o", StringComparison.Ordinal)));
        Assert.Contains("""data: {"offset":2,"text":"y 2\n","attempt":2}""", await EventsAsync($"api/v1/jobs/{job.Id}/log/events?after=2:2"));
        Assert.DoesNotContain("try 3", string.Concat(await EventsAsync($"api/v1/jobs/{job.Id}/log/events?attempt=2")));
    }

    [Fact]
    public async Task A_command_beside_a_job_of_an_array_has_its_place_and_its_variables()
    {
        ArrayHandle array = await _drover.Client.SubmitArrayAsync(new ArraySpec
        {
            Job = new JobSpec { Command = ["true"], Environment = new Dictionary<string, string> { ["MODE"] = "fast" } },
            Indices = "5-6",
        });
        await array.WaitAsync();
        CommandResult exec = await _drover.RunAsync("exec", $"{array.Id}_6", "--", "sh", "-c", "echo $DROVER_ARRAY_ID $DROVER_ARRAY_INDEX $DROVER_CPUS $MODE");
        Assert.Equal($"{array.Id} 6 1 fast\n", exec.Exits(0).Text);
    }

    private async Task<string[]> EventsAsync(string path)
    {
        using var http = new HttpClient { BaseAddress = new Uri(_drover.Url), Timeout = Eventually.Patience };
        http.DefaultRequestHeaders.Add("Authorization", $"Bearer {_drover.Token}");
        return (await http.GetStringAsync(new Uri(path, UriKind.Relative))).Split('\n');
    }

    private async Task<JobHandle> LastAsync() => _drover.Client.Job((await _drover.Client.ListJobsAsync(limit: 1)).Jobs[0].Id);
}
