namespace Drover.EndToEnd.Tests;

/// <summary>What becomes of jobs when the processes that care for them are killed, as kill -9 does.</summary>
public sealed class DurabilityTests(RunTests.Shared shared) : IClassFixture<RunTests.Shared>
{
    private readonly Installation _drover = shared.Drover;

    [Theory]
    [InlineData("server")]
    [InlineData("agent")]
    [InlineData("server", "agent")]
    public async Task A_job_and_who_follows_it_outlive(params string[] killed)
    {
        string folder = NewFolder();
        using RunningCommand run = _drover.Start(
            "run", "--dir", folder, "sh", "-c", "echo begun >> story; echo one; printf two; until [ -e go ]; do sleep 0.02; done; echo three; echo ended >> story; exit 5");
        await run.WritesAsync("one\ntwo");
        await KillAsync(killed);
        await _drover.UpAsync();
        await File.WriteAllTextAsync(Path.Combine(folder, "go"), "");
        CommandResult result = (await run.EndAsync()).Exits(5);
        Assert.Equal("one\ntwothree\n", result.Text);
        Assert.Equal("begun\nended\n", await File.ReadAllTextAsync(Path.Combine(folder, "story")));

        JobHandle job = await LastAsync();
        JobInfo info = await job.GetAsync();
        Assert.Equal(new Ending.Exited(5), info.End!.Ending);
        Assert.Equal("one\ntwothree\n", await job.LogAsync());
        await job.HasEndedOnceAsync();
        Assert.Equal(killed.Contains("server"), (await job.TrailAsync()).Any(step => step.Kind == JobEventKind.Resumed));
    }

    [Theory]
    [InlineData("server")]
    [InlineData("server", "agent")]
    public async Task The_true_ending_of_a_job_that_ends_meanwhile_is_known_afterwards(params string[] killed)
    {
        string folder = NewFolder();
        JobHandle job = await _drover.SubmitAsync(new JobSpec
        {
            Command = ["sh", "-c", "echo begun; until [ -e go ]; do sleep 0.02; done; echo ended; exit 6"],
            WorkingDirectory = folder,
        });
        await job.IsAsync(JobState.Running);
        IReadOnlyList<LiveProcess> processes = _drover.ProcessesOf(job);
        await KillAsync(killed);
        await File.WriteAllTextAsync(Path.Combine(folder, "go"), "");
        await Eventually.IsTrueAsync(() => !processes.Any(process => process.IsAlive), "the end of the job");
        await _drover.UpAsync();
        Assert.Equal(new Ending.Exited(6), await job.EndingAsync());
        Assert.Equal("begun\nended\n", await job.LogAsync());
        await job.HasEndedOnceAsync();
    }

    [Theory]
    [InlineData("keeper")]
    [InlineData("server", "agent", "keeper")]
    public async Task A_job_outlives_its_keeper_and_is_lost_when_it_ends_because_nobody_saw_how(params string[] killed)
    {
        string folder = NewFolder();
        using RunningCommand run = _drover.Start(
            "run", "--dir", folder, "sh", "-c", "echo one; until [ -e go ]; do sleep 0.02; done; echo two");
        await run.WritesAsync("one\n");
        await KillAsync(killed);
        await _drover.UpAsync();
        await Eventually.IsTrueAsync(() => _drover.Keeper is not null, "another keeper");
        JobHandle job = await LastAsync(JobSelection.Unfinished);
        await job.IsAsync(JobState.Running);
        await File.WriteAllTextAsync(Path.Combine(folder, "go"), "");
        CommandResult result = (await run.EndAsync()).Exits(125);
        Assert.Equal("one\ntwo\n", result.Text);
        Assert.Contains("because the keeper that had started it was killed", result.Error);
        await job.HasEndedOnceAsync();
    }

    [Fact]
    public async Task A_job_whose_keeper_was_killed_can_be_canceled()
    {
        JobHandle job = await _drover.RunningAsync("setsid sleep 1000 & sleep 1000");
        await Eventually.IsTrueAsync(() => _drover.ProcessesOf(job).Count == 3, "its processes");
        await KillAsync("keeper");
        await job.CancelAsync(new CancelRequest { GraceSeconds = 1 });
        Assert.IsType<Ending.Canceled>(await job.EndingAsync());
        Assert.Empty(_drover.ProcessesOf(job));
    }

    [Fact]
    public async Task A_time_limit_is_kept_while_server_and_agent_are_away()
    {
        JobHandle job = await _drover.SubmitAsync(new JobSpec { Command = ["sleep", "1000"], TimeLimitSeconds = 1 });
        await job.IsAsync(JobState.Running);
        IReadOnlyList<LiveProcess> processes = _drover.ProcessesOf(job);
        await KillAsync("server", "agent");
        await Eventually.IsTrueAsync(() => !processes.Any(process => process.IsAlive), "the end of the job");
        await _drover.UpAsync();
        JobInfo info = await job.EndAsync();
        Assert.Equal(new Ending.TimeLimit(1), info.End!.Ending);
        Assert.Contains("its time limit of 1 s had passed", info.End.Evidence);
    }

    [Fact]
    public async Task A_cancel_that_was_accepted_is_kept_over_the_death_of_the_server()
    {
        JobHandle job = await _drover.RunningAsync("trap '' TERM; while :; do sleep 0.02; done");
        LiveProcess agent = _drover.Agent!;
        agent.Signal(LiveProcess.SIGSTOP); // So that it cannot have heard of it.
        await job.CancelAsync(new CancelRequest { Why = "enough", GraceSeconds = 0.1 });
        await KillAsync("server");
        agent.Signal(LiveProcess.SIGCONT);
        await _drover.UpAsync();
        Assert.Equal(new Ending.Canceled(Environment.UserName, "enough"), await job.EndingAsync());
        Assert.Empty(_drover.ProcessesOf(job));
    }

    [Fact]
    public async Task What_was_accepted_a_moment_before_the_server_dies_is_there_afterwards()
    {
        for (int i = 0; i < 4; i++)
        {
            string folder = NewFolder();
            var spec = new JobSpec { Command = ["sh", "-c", "echo ran >> story"], WorkingDirectory = folder };
            JobHandle[] jobs = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _drover.SubmitAsync(spec)));
            _drover.Server!.Signal(LiveProcess.SIGKILL);
            await KillAsync("server");
            await _drover.UpAsync();
            foreach (JobHandle job in jobs)
            {
                Assert.Equal(new Ending.Exited(0), await job.EndingAsync());
                await job.HasEndedOnceAsync();
            }

            Assert.Equal(string.Concat(Enumerable.Repeat("ran\n", jobs.Length)), await File.ReadAllTextAsync(Path.Combine(folder, "story")));
        }
    }

    [Fact]
    public async Task A_log_can_be_read_when_the_agent_has_to_be_started_for_it()
    {
        JobHandle job = await _drover.SubmitAsync("echo", "still here");
        await job.EndAsync();
        await KillAsync("agent");
        Assert.Equal("still here\n", (await _drover.RunAsync("log", job.Id.ToString())).Exits(0).Text);
        Assert.NotNull(_drover.Agent);
    }

    [Fact]
    public async Task Down_lets_jobs_go_on_and_up_finds_them()
    {
        string folder = NewFolder();
        using RunningCommand run = _drover.Start(
            "run", "--dir", folder, "sh", "-c", "echo one; until [ -e go ]; do sleep 0.02; done; echo two; exit 4");
        await run.WritesAsync("one\n");
        LiveProcess server = _drover.Server!;
        Assert.Contains("1 job goes on", (await _drover.RunAsync("down")).Exits(0).Text);
        Assert.False(server.IsAlive);
        (await _drover.RunAsync("list")).Exits(4);
        await File.WriteAllTextAsync(Path.Combine(folder, "go"), "");
        await _drover.UpAsync();
        Assert.Equal("one\ntwo\n", (await run.EndAsync()).Exits(4).Text);
    }

    [Fact]
    public async Task Jobs_that_ran_when_the_machine_restarted_are_lost_with_that_reason()
    {
        JobHandle job = await _drover.RunningAsync("sleep 1000");
        await KillAsync("server", "agent", "keeper");
        await Installation.KillAsync([.. _drover.ProcessesOf(job)]);
        string journal = Path.Combine(_drover.AgentFolder, "journal.jsonl");
        string boot = (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id")).Trim();
        string text = await File.ReadAllTextAsync(journal);
        Assert.Contains(boot, text);
        await File.WriteAllTextAsync(journal, text.Replace(boot, "11111111-2222-3333-4444-555555555555", StringComparison.Ordinal));
        await _drover.UpAsync();
        Assert.Contains("the machine restarted", Assert.IsType<Ending.Lost>(await job.EndingAsync()).Reason);
        CommandResult explained = (await _drover.RunAsync("explain", job.Id.ToString())).Exits(0);
        Assert.Contains("the machine restarted", explained.Text);
        await job.HasEndedOnceAsync();
        (await _drover.RunAsync("run", "true")).Exits(0);
    }

    private async Task KillAsync(params string[] names) => await Installation.KillAsync([.. names.Select(name => name switch
    {
        "server" => _drover.Server,
        "agent" => _drover.Agent,
        _ => _drover.Keeper,
    })]);

    private async Task<JobHandle> LastAsync(JobSelection selection = JobSelection.Ended) =>
        _drover.Client.Job((await _drover.Client.ListJobsAsync(selection, 1)).Jobs[0].Id);

    private string NewFolder() => Directory.CreateDirectory(_drover.PathOf(Guid.NewGuid().ToString("N"))).FullName;
}
