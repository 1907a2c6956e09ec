namespace Drover.Coroutines.Tests.Processes;

public sealed class SubprocessHookTests
{
    [Fact]
    public void What_the_start_needs_is_made_before_it() => EventLoop.Run(async () =>
    {
        using var folder = new TemporaryFolder();
        string directory = folder["new"];
        int loop = Environment.CurrentManagedThreadId;
        int? told = null;
        var spec = new ProcessSpec("pwd")
        {
            WorkingDirectory = directory,
            BeforeStart = () =>
            {
                Assert.NotEqual(loop, Environment.CurrentManagedThreadId);
                Directory.CreateDirectory(directory);
            },
            AfterStart = id => told = id,
        };
        (string output, int started) = await Subprocess.RunAsync(
            spec, async process => ((await process.Output.ReadLineAsync())!, process.Id));
        Assert.Equal(directory, output);
        Assert.Equal(started, told);
    });

    [Fact]
    public void Nothing_is_started_when_the_preparation_fails() => EventLoop.Run(async () =>
    {
        bool isStarted = false;
        var spec = new ProcessSpec("true")
        {
            BeforeStart = () => throw new IOException("no room"),
            AfterStart = _ => isStarted = true,
        };
        await Assert.ThrowsAsync<IOException>(() => Subprocess.RunAsync(spec));
        Assert.False(isStarted);
    });

    [Fact]
    public void A_process_is_killed_and_reaped_when_what_follows_its_start_fails() => EventLoop.Run(async () =>
    {
        int started = 0;
        var spec = new ProcessSpec("sleep", "600")
        {
            AfterStart = id =>
            {
                started = id;
                throw new IOException("no room");
            },
        };
        await Assert.ThrowsAsync<IOException>(() => Subprocess.RunAsync(spec));
        Assert.Null(Proc.State(started));
    });

    [Fact]
    public void A_signal_that_comes_after_the_end_is_not_taken_for_its_cause() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("sh", "-c", "read line; exit 3") { Input = InputSource.Pipe }, process =>
        {
            process.Input.Close();
            SpinWait.SpinUntil(() => Proc.State(process.Id) == "Z"); // The loop has no turn to be told of it.
            Assert.Null(process.Exit);
            process.Signal(UnixSignal.SIGTERM);
            Assert.Equal(new ProcessExit.Exited(3), process.Exit);
            return Task.CompletedTask;
        }));

    [Fact]
    public void What_a_process_used_is_told_with_its_children() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("sh", "-c", "sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'; exit 0"), async process =>
        {
            Assert.Null(process.Usage);
            await process.WaitAsync();
            Assert.True(process.Usage!.Processor > TimeSpan.Zero);
            Assert.True(process.Usage.MaxResidentBytes > 100_000);
        }));
}
