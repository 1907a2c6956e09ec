using System.Diagnostics;

namespace Drover.Coroutines.Tests.Loop;

/// <summary>Other tests run beside these and open files too: so what leaks would leak is far more than they can.</summary>
public sealed class LoopResourcesTests
{
    [Fact]
    public void Loops_that_have_ended_leave_no_files_and_no_threads()
    {
        const int Loops = 1000;
        int files = OpenFiles();
        for (int i = 0; i < Loops; i++)
        {
            EventLoop.Run(async () => await Coroutine.YieldAsync());
        }

        Assert.InRange(OpenFiles() - files, int.MinValue, Loops);
        Assert.DoesNotContain(LoopRegistry.Loops, loop => loop.Name == EventLoopOptions.Default.Name && loop.Coroutines > 0);
    }

    [Fact]
    public async Task Loops_that_were_stopped_leave_no_threads()
    {
        const int Loops = 300;
        int threads = Threads();
        for (int i = 0; i < Loops; i++)
        {
            EventLoop loop = EventLoop.Start("short");
            Assert.Equal(i, await Tests.Loops.Within(loop.InvokeAsync(() => i)));
            await Tests.Loops.Within(loop.StopAsync());
        }

        Assert.InRange(Threads() - threads, int.MinValue, Loops / 2);
    }

    private static int OpenFiles() => Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : 0;

    private static int Threads()
    {
        using var process = Process.GetCurrentProcess();
        return process.Threads.Count;
    }
}
