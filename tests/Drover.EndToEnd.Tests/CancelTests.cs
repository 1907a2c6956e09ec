namespace Drover.EndToEnd.Tests;

public sealed class CancelTests(RunTests.Shared shared) : IClassFixture<RunTests.Shared>
{
    private readonly Installation _drover = shared.Drover;

    [Fact]
    public async Task A_queued_job_is_never_started()
    {
        JobHandle first = await WholeMachineAsync("sleep", "1000");
        await first.IsAsync(JobState.Running);
        JobHandle queued = await _drover.SubmitAsync("touch", "queued-ran");
        await queued.CancelAsync();
        Assert.IsType<Ending.Canceled>(await queued.EndingAsync());
        await first.CancelAsync();
        Assert.IsType<Ending.Canceled>(await first.EndingAsync());
        Assert.DoesNotContain(await queued.TrailAsync(), step => step.Kind is JobEventKind.Dispatched or JobEventKind.Started);
        Assert.False(File.Exists(_drover.PathOf("queued-ran")));
    }

    [Fact]
    public async Task A_starting_job_is_not_started_any_more_or_ended()
    {
        await (await _drover.SubmitAsync("true")).EndAsync(); // So the agent is there.
        LiveProcess agent = _drover.Agent!;
        agent.Signal(LiveProcess.SIGSTOP);
        JobHandle job = await _drover.SubmitAsync("sleep", "1000");
        await job.IsAsync(JobState.Starting);
        await job.CancelAsync();
        agent.Signal(LiveProcess.SIGCONT);
        Assert.IsType<Ending.Canceled>(await job.EndingAsync());
        Assert.Empty(_drover.ProcessesOf(job));
        await job.HasEndedOnceAsync();
    }

    [Fact]
    public async Task Whenever_a_cancel_arrives_the_job_ends_as_canceled()
    {
        for (int i = 0; i < 10; i++)
        {
            JobHandle job = await _drover.SubmitAsync("sleep", "1000");
            await Task.Delay(Random.Shared.Next(15)); // Any moment will do; the result must not depend on it.
            await job.CancelAsync();
            Assert.IsType<Ending.Canceled>(await job.EndingAsync());
            Assert.Empty(_drover.ProcessesOf(job));
            await job.HasEndedOnceAsync();
        }
    }

    [Fact]
    public async Task Run_cancel_run_runs_the_second()
    {
        JobHandle first = await WholeMachineAsync("sleep", "1000");
        Task<JobInfo> cancel = first.CancelAsync();
        JobHandle second = await WholeMachineAsync("echo", "second");
        await cancel;
        Assert.Equal(new Ending.Exited(0), await second.EndingAsync());
        Assert.Equal("second\n", await second.LogAsync());
        Assert.IsType<Ending.Canceled>(await first.EndingAsync());
    }

    [Fact]
    public async Task A_cancel_after_the_end_leaves_the_true_ending()
    {
        JobHandle job = await _drover.SubmitAsync("sh", "-c", "exit 9");
        await job.EndAsync();
        await job.CancelAsync();
        Assert.Equal(new Ending.Exited(9), await job.EndingAsync());
        Assert.Contains("exited with code 9", (await _drover.RunAsync("cancel", job.Id.ToString())).Exits(0).Text);
        await job.HasEndedOnceAsync();
    }

    [Fact]
    public async Task A_job_may_clean_up_when_it_is_canceled()
    {
        JobHandle job = await ReadyAsync("trap 'echo cleaned; exit 5' TERM; echo ready; while :; do sleep 0.02; done");
        await job.CancelAsync();
        Assert.IsType<Ending.Canceled>(await job.EndingAsync());
        Assert.Equal("ready\ncleaned\n", await job.LogAsync());
    }

    [Theory]
    [InlineData("trap '' TERM; echo ready; while :; do sleep 0.02; done", true)] // Ignores SIGTERM.
    [InlineData("setsid sh -c 'echo ready; sleep 1000' & wait", false)]
    [InlineData("setsid sh -c 'trap \"\" TERM; echo ready; while :; do sleep 0.02; done' & wait", true)]
    [InlineData("(setsid sh -c 'sleep 1000 & echo ready' &); sleep 1000", false)] // A daemon, whose parents have ended.
    [InlineData("env -i setsid sh -c 'echo ready; sleep 1000' & wait", false)] // Has lost the attempt's number.
    [InlineData("(env -i setsid sh -c 'echo $$ > daemon; echo ready; exec sleep 1000' &); sleep 1000", false)]
    public async Task Nothing_of_a_canceled_job_is_left(string script, bool isKilled)
    {
        JobHandle job = await ReadyAsync(script);
        IReadOnlyList<LiveProcess> before = [.. Descendants()];
        Assert.NotEmpty(before);
        await job.CancelAsync(new CancelRequest { GraceSeconds = 0.3 });
        JobInfo info = await job.EndAsync();
        Assert.IsType<Ending.Canceled>(info.End!.Ending);
        Assert.Equal(isKilled, info.End.Evidence.Contains("SIGKILL", StringComparison.Ordinal));
        Assert.DoesNotContain(before, process => process.IsAlive);
        Assert.Empty(_drover.ProcessesOf(job));
    }

    [Theory]
    [InlineData("sleep 1000 & exit 4")]
    [InlineData("setsid sleep 1000 & sleep 0.1; exit 4")]
    [InlineData("(setsid sh -c 'trap \"\" TERM; sleep 1000' &); sleep 0.1; exit 4")]
    public async Task What_a_job_leaves_behind_is_ended_and_its_exit_code_stays(string script)
    {
        JobHandle job = await _drover.SubmitAsync(new JobSpec { Command = ["sh", "-c", script], GraceSeconds = 0.3 });
        JobInfo info = await job.EndAsync();
        Assert.Equal(new Ending.Exited(4), info.End!.Ending);
        Assert.Contains("behind, which the keeper ended", info.End.Evidence);
        Assert.Empty(_drover.ProcessesOf(job));
    }

    private Task<JobHandle> WholeMachineAsync(params string[] command) =>
        _drover.SubmitAsync(new JobSpec { Command = command, Cpus = Environment.ProcessorCount });

    /// <summary>All that is neither server nor agent, keeper or command: found by parents too, since one may lose its environment.</summary>
    private IEnumerable<LiveProcess> Descendants()
    {
        int keeper = _drover.Keeper!.Id;
        var parents = Directory.EnumerateDirectories("/proc").Select(f => int.TryParse(Path.GetFileName(f), out int id) ? id : 0)
            .Where(id => id > 0).ToDictionary(id => id, LiveProcess.ParentOf);
        return parents.Keys.Where(id => Ancestors(id).Contains(keeper)).Select(LiveProcess.Find).OfType<LiveProcess>();

        IEnumerable<int> Ancestors(int id)
        {
            while (parents.TryGetValue(id, out int? parent) && parent is { } one)
            {
                yield return id = one;
            }
        }
    }

    private async Task<JobHandle> ReadyAsync(string script)
    {
        JobHandle job = await _drover.RunningAsync(script);
        await Eventually.IsTrueAsync(async () => (await job.LogAsync()).StartsWith("ready\n", StringComparison.Ordinal), "the job to be ready");
        return job;
    }
}
