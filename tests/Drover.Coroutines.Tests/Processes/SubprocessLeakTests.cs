using System.Diagnostics;

namespace Drover.Coroutines.Tests.Processes;

[Collection(nameof(Alone))]
public sealed class SubprocessLeakTests
{
    /// <summary>More than the threads that start processes and the runtime's own that may have come meanwhile.</summary>
    private const int FewThreads = 16;

    /// <summary>What the runtime itself may open meanwhile; a leak would be of a thousand.</summary>
    private const int FewFiles = 8;

    [Fact]
    public void A_thousand_short_processes_leave_no_files_threads_or_zombies() => EventLoop.Run(async () =>
    {
        await RunManyAsync(50, atOnce: 4);
        (int files, int threads, int zombies) = (Proc.Files(), Proc.Threads(), Proc.ZombieChildren());
        await RunManyAsync(1000, atOnce: 4);
        Assert.InRange(Proc.Files(), 0, files + FewFiles);
        Assert.InRange(Proc.Threads(), 0, threads + FewThreads);
        Assert.Equal(zombies, Proc.ZombieChildren());
    });

    [Fact]
    public void A_failed_start_leaves_no_file_open() => EventLoop.Run(async () =>
    {
        await Assert.ThrowsAsync<ProcessStartException>(() => Subprocess.RunAsync(new ProcessSpec("/no/such/file")));
        string[] before = Pipes();
        for (int i = 0; i < 20; i++)
        {
            await Assert.ThrowsAsync<ProcessStartException>(
                () => Subprocess.RunAsync(new ProcessSpec("/no/such/file") { Error = OutputTarget.File("/dev/null") }));
        }

        Assert.True(Pipes().Length < before.Length + 20, "Pipes were left open.");

        static string[] Pipes() => Directory.GetFileSystemEntries("/proc/self/fd");
    });

    [Fact]
    public void Two_hundred_processes_run_at_once() => EventLoop.Run(async () =>
    {
        var running = new List<Proc>();
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < 200; i++)
            {
                group.Start(() => Subprocess.RunAsync(new ProcessSpec("cat") { Input = InputSource.Pipe }, async process =>
                {
                    await process.Input.WriteLineAsync($"{process.Id}");
                    Assert.Equal($"{process.Id}", await process.Output.ReadLineAsync());
                    running.Add(Proc.Of(process.Id));
                    await process.WaitAsync();
                }));
            }

            while (running.Count < 200)
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            }

            Assert.All(running, proc => Assert.True(proc.Runs));
            group.Cancel("all run");
        });
        Assert.All(running, proc => Assert.False(proc.Runs));
        Assert.Equal(0, Proc.ZombieChildren());
    });

    /// <summary>Older kernels and strict sandboxes; the switches are of the whole process.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public void Kernels_without_files_for_processes_will_do(bool hasPidFiles, bool hasGroupSignals)
    {
        ProcessGroup.HasPidFiles = hasPidFiles;
        ProcessGroup.HasGroupSignals = hasGroupSignals;
        try
        {
            EventLoop.Run(async () =>
            {
                await RunManyAsync(100, atOnce: 4);
                Assert.Equal(0, Proc.ZombieChildren());
            });
            var ends = new SubprocessEndTests();
            ends.A_canceled_scope_ends_the_process();
            ends.A_process_that_ends_on_SIGTERM_is_not_waited_for_longer();
            ends.What_ignores_SIGTERM_is_killed_after_the_grace_with_all_its_children();
            ends.A_child_that_cleans_up_has_the_grace_although_its_parent_is_gone();
            ends.A_child_that_outlives_its_parent_and_ignores_SIGTERM_is_killed();
            ends.A_signal_reaches_the_process();
            ends.After_its_scope_a_process_cannot_be_read_or_written();
            new SubprocessLoopTests().Virtual_time_goes_on_when_the_process_has_ended_though_nobody_waits_for_that();
        }
        finally
        {
            ProcessGroup.HasPidFiles = ProcessGroup.HasGroupSignals = true;
        }
    }

    [Fact]
    public void A_program_that_ends_with_open_scopes_takes_its_processes_along() => EventLoop.Run(async () =>
    {
        Proc[]? orphans = null;
        ProcessExit exit = await Subprocess.RunAsync(OwnProgram.Spec("exit with open scope") with { Input = InputSource.Pipe }, async process =>
        {
            string? line = await process.Output.ReadLineAsync();
            orphans = line!.Split(' ').Select(Proc.Of).ToArray();
            Assert.All(orphans, orphan => Assert.True(orphan.Runs));
            process.Input.Close();
            return await process.WaitAsync();
        });
        Assert.Equal(new ProcessExit.Exited(7), exit);
        long begun = Stopwatch.GetTimestamp();
        while (Array.Exists(orphans!, orphan => orphan.Runs) && Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(10))
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1)); // A kill takes effect a moment after it was sent.
        }

        Assert.All(orphans!, orphan => Assert.False(orphan.Runs));
    });

    [Fact]
    public void An_end_that_somebody_else_took_is_unknown() => EventLoop.Run(async () =>
    {
        ProcessResult result = await Subprocess.RunAsync(OwnProgram.Spec("ignore the end of children"));
        Assert.Equal($"{new ProcessExit.Unknown()}\n", result.Output);
    });

    private static Task RunManyAsync(int count, int atOnce) => TaskGroup.MapAsync(Enumerable.Range(0, count), atOnce, async i =>
    {
        ProcessResult result = await Subprocess.RunAsync(new ProcessSpec("sh", "-c", $"echo {i}; exit {i % 3}"));
        Assert.Equal($"{i}\n", result.Output);
        Assert.Equal(new ProcessExit.Exited(i % 3), result.Exit);
        return i;
    });
}

/// <summary>Tests that count what the whole test process has, or switch something in it: nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
