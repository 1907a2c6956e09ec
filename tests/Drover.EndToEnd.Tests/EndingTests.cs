namespace Drover.EndToEnd.Tests;

public sealed class EndingTests(RunTests.Shared shared) : IClassFixture<RunTests.Shared>
{
    private readonly Installation _drover = shared.Drover;

    [Fact]
    public async Task An_exit_code_is_told_with_what_the_kernel_says()
    {
        CommandResult run = (await _drover.RunAsync("run", "sh", "-c", "echo trouble >&2; exit 42")).Exits(42);
        Assert.Contains("exited with code 42", run.Error);
        JobInfo job = await LastAsync();
        Assert.Equal(new Ending.Exited(42), job.End!.Ending);
        Assert.Contains("the kernel reports that process", job.End.Evidence);
        Assert.Equal("trouble\n", job.End.ErrorTail);
        await _drover.Client.Job(job.Id).HasEndedOnceAsync();
    }

    [Fact]
    public async Task A_signal_that_Drover_did_not_send_is_told()
    {
        CommandResult run = (await _drover.RunAsync("run", "sh", "-c", "kill -9 $$")).Exits(137);
        Assert.Contains("ended by signal 9 (SIGKILL)", run.Error);
        JobInfo job = await LastAsync();
        Assert.Equal(9, Assert.IsType<Ending.Signaled>(job.End!.Ending).Number);
        Assert.Contains("Drover did not send it", job.End.Evidence);
    }

    [Fact]
    public async Task The_time_limit_is_told_with_its_length()
    {
        CommandResult run = (await _drover.RunAsync("run", "--time", "300ms", "sleep", "1000")).Exits(124);
        Assert.Contains("ended at its time limit of 300 ms", run.Error);
        JobInfo job = await LastAsync();
        Assert.Equal(new Ending.TimeLimit(0.3), job.End!.Ending);
        Assert.Contains("its time limit of 300 ms had passed", job.End.Evidence);
        Assert.Empty(_drover.ProcessesOf(_drover.Client.Job(job.Id)));
    }

    [Fact]
    public async Task Running_out_of_memory_is_told_with_the_limit()
    {
        await _drover.RunAsync("run", "true"); // The site has said by then which limits it keeps.
        SiteInfo site = Assert.Single(await _drover.Client.ListSitesAsync());
        Assert.SkipUnless(site.Limits.Contains("memory"), $"no cgroup can be made here, so this site keeps: {string.Join(", ", site.Limits)}");
        CommandResult run = (await _drover.RunAsync("run", "--memory", "64M", "sh", "-c", "x=$(head -c 200M /dev/zero | tr '\\0' x); echo never")).Exits(137);
        Assert.Contains("out of memory: it needed more than its limit of 64 MiB", run.Error);
        Assert.Empty(run.Output);
        Assert.Equal(new Ending.OutOfMemory(64 << 20), (await LastAsync()).End!.Ending);
    }

    [Fact]
    public async Task A_cancel_is_told_with_who_and_why()
    {
        using RunningCommand run = _drover.Start("run", "sh", "-c", "echo $DROVER_JOB; sleep 1000");
        await run.WritesAsync("\n");
        string id = run.Output.Trim();
        (await _drover.RunAsync("cancel", id, "--why", "wrong input")).Exits(0);
        Assert.Contains($"canceled by {Environment.UserName}: wrong input", (await run.EndAsync()).Exits(130).Error);
        string story = (await _drover.RunAsync("explain", id)).Exits(0).Text;
        Assert.Contains("cancel requested", story);
        Assert.Contains("asked to cancel it: wrong input", story);
    }

    [Fact]
    public async Task A_program_that_does_not_exist_is_named()
    {
        CommandResult run = (await _drover.RunAsync("run", "simulatte")).Exits(127);
        Assert.Contains("not started", run.Error);
        Assert.Contains("simulatte", run.Error);
        Assert.Equal(LaunchFailure.NoSuchProgram, await ReasonAsync());
    }

    [Fact]
    public async Task A_program_of_the_working_directory_without_its_dot_is_recognized()
    {
        await WriteAsync("mine.sh", "#!/bin/sh\necho mine\n", isExecutable: true);
        CommandResult run = (await _drover.RunAsync("run", "mine.sh")).Exits(127);
        Assert.Contains("./mine.sh", run.Error);
        Assert.Equal("mine\n", (await _drover.RunAsync("run", "./mine.sh")).Exits(0).Text);
    }

    [Fact]
    public async Task A_program_that_is_not_executable_is_named()
    {
        await WriteAsync("plain.sh", "#!/bin/sh\necho never\n", isExecutable: false);
        CommandResult run = (await _drover.RunAsync("run", "./plain.sh")).Exits(126);
        Assert.Contains("plain.sh", run.Error);
        Assert.Equal(LaunchFailure.NotExecutable, await ReasonAsync());
        Assert.Contains("chmod +x", (await _drover.RunAsync("explain", (await LastAsync()).Id.ToString())).Exits(0).Text);
    }

    [Fact]
    public async Task A_script_whose_interpreter_is_missing_says_which()
    {
        await WriteAsync("odd.sh", "#!/opt/nowhere/sh\necho never\n", isExecutable: true);
        CommandResult run = await _drover.RunAsync("run", "./odd.sh");
        Assert.Contains("/opt/nowhere/sh", run.Error);
        Assert.IsType<Ending.LaunchFailed>((await LastAsync()).End!.Ending);
    }

    [Fact]
    public async Task A_directory_that_does_not_exist_is_named()
    {
        CommandResult run = (await _drover.RunAsync("run", "--dir", "nowhere", "true")).Exits(126);
        Assert.Contains(_drover.PathOf("nowhere"), run.Error);
        Assert.Equal(LaunchFailure.NoSuchDirectory, await ReasonAsync());
    }

    private async Task<JobInfo> LastAsync() => (await _drover.Client.ListJobsAsync(JobSelection.Ended, 1)).Jobs[0];

    private async Task<LaunchFailure> ReasonAsync() => Assert.IsType<Ending.LaunchFailed>((await LastAsync()).End!.Ending).Reason;

    private async Task WriteAsync(string name, string text, bool isExecutable)
    {
        await File.WriteAllTextAsync(_drover.PathOf(name), text);
        UnixFileMode read = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead;
        File.SetUnixFileMode(_drover.PathOf(name), isExecutable ? read | UnixFileMode.UserExecute : read);
    }
}
