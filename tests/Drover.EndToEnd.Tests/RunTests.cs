namespace Drover.EndToEnd.Tests;

public sealed class RunTests(RunTests.Shared shared) : IClassFixture<RunTests.Shared>
{
    private readonly Installation _drover = shared.Drover;

    [Fact]
    public async Task Output_and_error_come_byte_for_byte_and_apart_and_the_exit_code_is_passed_on()
    {
        byte[] output = Random.Shared.GetItems(Enumerable.Range(0, 256).Select(b => (byte)b).ToArray(), 300_000);
        byte[] error = [.. output.Reverse().Where(b => b != 'd')]; // Not to be taken for drover's own words.
        await File.WriteAllBytesAsync(_drover.PathOf("to-output"), output);
        await File.WriteAllBytesAsync(_drover.PathOf("to-error"), error);
        CommandResult run = (await _drover.RunAsync("run", "sh", "-c", "cat to-output; cat to-error >&2; exit 7")).Exits(7);
        Assert.Equal(output, run.Output);
        Assert.Equal(error, run.ErrorOfJob);
        Assert.Contains("exited with code 7", run.Error);
    }

    [Fact]
    public async Task A_line_without_end_comes_before_the_job_has_ended()
    {
        using RunningCommand run = _drover.Start("run", "sh", "-c", "printf 'how long? '; until [ -e answer ]; do sleep 0.02; done; printf 'not long'");
        await run.WritesAsync("how long? ");
        _drover.Make("answer");
        Assert.Equal("how long? not long", (await run.EndAsync()).Exits(0).Text);
    }

    [Fact]
    public async Task What_a_job_writes_may_be_much()
    {
        const int Size = 24_000_000;
        CommandResult run = (await _drover.RunAsync("run", "sh", "-c", $"yes 0123456789abcde | head -c {Size}; yes fedcba987654321 | head -c {Size} >&2")).Exits(0);
        AssertRepeats("0123456789abcde\n", run.Output);
        AssertRepeats("fedcba987654321\n", run.ErrorOfJob);

        static void AssertRepeats(string line, byte[] bytes)
        {
            Assert.Equal(Size, bytes.Length);
            byte[] expected = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(line, Size / line.Length)));
            Assert.True(expected.AsSpan().SequenceEqual(bytes), $"differs from byte {expected.AsSpan().CommonPrefixLength(bytes)} on");
        }
    }

    [Fact]
    public async Task A_job_has_nothing_to_read_and_may_write_nothing()
    {
        CommandResult run = (await _drover.RunAsync("run", "cat")).Exits(0);
        Assert.Empty(run.Output);
        Assert.Empty(run.ErrorOfJob);
    }

    [Fact]
    public async Task Words_and_environment_arrive_as_they_are_given()
    {
        CommandResult run = (await _drover.RunAsync(
            "run", "--env", "GREETING=good day; $HOME", "--", "sh", "-c", "printf '%s|' \"$GREETING\" \"$DROVER_CPUS\" \"$@\"", "sh", "a b", "--json", "*", "", "ü\n")).Exits(0);
        Assert.Equal("good day; $HOME|1|a b|--json|*||ü\n|", run.Text);
    }

    [Fact]
    public async Task Ctrl_C_cancels_the_job_with_all_its_processes()
    {
        using RunningCommand run = _drover.Start("run", "sh", "-c", "sleep 1000 & echo $DROVER_JOB; wait");
        JobHandle job = await StartedAsync(run);
        Assert.Equal(2, _drover.ProcessesOf(job).Count);

        run.Process.Signal(LiveProcess.SIGINT);
        CommandResult result = (await run.EndAsync()).Exits(130);
        Assert.Contains("canceling job", result.Error);
        var canceled = Assert.IsType<Ending.Canceled>(await job.EndingAsync());
        Assert.Equal((Environment.UserName, "Ctrl-C in drover run"), (canceled.By, canceled.Why));
        Assert.Empty(_drover.ProcessesOf(job));
    }

    [Fact]
    public async Task A_second_Ctrl_C_leaves_the_job_to_itself()
    {
        using RunningCommand run = _drover.Start(
            "run", "--grace", "1h", "sh", "-c", "trap 'touch asked' TERM; echo $DROVER_JOB; until [ -e free ]; do sleep 0.02; done; touch done");
        JobHandle job = await StartedAsync(run);

        run.Process.Signal(LiveProcess.SIGINT);
        await run.ComplainsAsync("Ctrl-C again");
        await Eventually.IsTrueAsync(() => File.Exists(_drover.PathOf("asked")), "the job to be asked to end");
        run.Process.Signal(LiveProcess.SIGINT);
        CommandResult result = (await run.EndAsync()).Exits(130);
        Assert.Contains($"job {job.Id} is asked to end", result.Error);
        Assert.Equal(JobState.Running, (await job.GetAsync()).State);

        _drover.Make("free");
        Assert.IsType<Ending.Canceled>(await job.EndingAsync());
        Assert.True(File.Exists(_drover.PathOf("done")));
    }

    [Fact]
    public async Task Who_waits_is_told_for_what_and_behind_whom()
    {
        int cpus = Environment.ProcessorCount;
        JobHandle first = await _drover.SubmitAsync(new JobSpec { Command = ["sleep", "1000"], Cpus = cpus });
        await first.IsAsync(JobState.Running);
        using RunningCommand run = _drover.Start("run", "echo", "my turn");
        await run.ComplainsAsync($"waiting for 1 of {cpus} CPUs");
        Assert.Contains($"held by job {first.Id}", run.Error);
        await first.CancelAsync();
        Assert.Equal("my turn\n", (await run.EndAsync()).Exits(0).Text);
    }

    [Fact]
    public async Task The_sample_runs_as_a_job_and_its_files_can_be_fetched()
    {
        string sample = Path.Combine(Repository(), "samples", "orbits", "orbits.sh");
        CommandResult run = (await _drover.RunAsync("run", sample, "--years", "1", "--step", "1")).Exits(0);
        Assert.Contains("year 1 of 1", run.Text);
        JobInfo job = (await _drover.Client.ListJobsAsync(JobSelection.Ended, 1)).Jobs[0];
        Assert.Equal("orbits.sh", job.Name);
        var files = await _drover.Client.Job(job.Id).ListFilesAsync();
        Assert.NotEmpty(files.Entries);
        (await _drover.RunAsync("get", job.Id.ToString(), files.Entries[0].Path, "result")).Exits(0);
        Assert.Equal(files.Entries[0].Length, new FileInfo(_drover.PathOf("result")).Length);
    }

    private static string Repository()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Drover.slnx")))
        {
            folder = Path.GetDirectoryName(folder.TrimEnd('/'))!;
        }

        return folder;
    }

    /// <summary>The job, whose number is the first line that it writes.</summary>
    private async Task<JobHandle> StartedAsync(RunningCommand run)
    {
        await run.WritesAsync("\n");
        return _drover.Client.Job(JobId.Parse(run.Output.Trim(), null));
    }

    public sealed class Shared : IAsyncLifetime
    {
        internal Installation Drover { get; } = new();

        public ValueTask InitializeAsync() => Drover.InitializeAsync();

        public ValueTask DisposeAsync() => Drover.DisposeAsync();
    }
}
