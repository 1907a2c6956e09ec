namespace Drover.Coroutines.Tests.Loop;

/// <summary>Other tests run beside these: so only what bears the name of these loops is counted, or what is of their kind.</summary>
public sealed class LoopResourcesTests
{
    private const string Name = "short-lived";

    [Fact]
    public void Loops_that_have_ended_leave_no_files()
    {
        const int Count = 1000;
        int before = Pollers();
        for (int i = 0; i < Count; i++)
        {
            EventLoop.Run(async () => await Coroutine.YieldAsync(), new EventLoopOptions { Name = Name });
        }

        Assert.InRange(Pollers() - before, int.MinValue, Count / 2);
        Assert.DoesNotContain(LoopRegistry.Loops, loop => loop.Name == Name);
    }

    [Fact]
    public async Task Loops_that_were_stopped_leave_no_threads()
    {
        const int Count = 300;
        for (int i = 0; i < Count; i++)
        {
            EventLoop loop = EventLoop.Start(Name);
            Assert.Equal(i, await Loops.Within(loop.InvokeAsync(() => i)));
            await Loops.Within(loop.StopAsync());
        }

        Assert.InRange(ThreadsOfTheseLoops(), 0, Count / 2); // The last ones may be about to end.
    }

    private static int Pollers() => Directory.Exists("/proc/self/fd")
        ? new DirectoryInfo("/proc/self/fd").EnumerateFiles().Count(static file => file.LinkTarget?.Contains("eventpoll", StringComparison.Ordinal) == true)
        : 0;

    private static int ThreadsOfTheseLoops()
    {
        if (!Directory.Exists("/proc/self/task"))
        {
            return 0;
        }

        int count = 0;
        foreach (string thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                count += File.ReadAllText(Path.Combine(thread, "comm")).StartsWith(Name, StringComparison.Ordinal) ? 1 : 0;
            }
            catch (IOException)
            {
                // It ended just now.
            }
        }

        return count;
    }
}
