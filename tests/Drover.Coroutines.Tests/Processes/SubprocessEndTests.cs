using System.Diagnostics;

namespace Drover.Coroutines.Tests.Processes;

public sealed class SubprocessEndTests
{
    private static readonly ProcessSpec s_sleeper = new("sleep", "600");

    /// <summary>Says that it is ready, then ignores SIGTERM; its child, whose number it says, does too.</summary>
    private static readonly ProcessSpec s_stubborn =
        new("sh", "-c", "trap '' TERM; sleep 600 & echo $!; while :; do sleep 600; done") { StopGrace = TimeSpan.FromMilliseconds(100) };

    [Fact]
    public void Leaving_the_body_ends_the_process() => EventLoop.Run(async () =>
    {
        Proc proc = await Subprocess.RunAsync(s_sleeper, process => Task.FromResult(Proc.Of(process.Id)));
        Assert.False(proc.Runs);
    });

    [Fact]
    public void An_exception_in_the_body_ends_the_process_and_is_thrown() => EventLoop.Run(async () =>
    {
        Proc? proc = null;
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => Subprocess.RunAsync(s_sleeper, async process =>
        {
            proc = Proc.Of(process.Id);
            await Coroutine.YieldAsync();
            throw new InvalidDataException("mine");
        }));
        Assert.Equal("mine", e.Message);
        Assert.False(proc!.Runs);
    });

    [Fact]
    public void A_canceled_scope_ends_the_process() => EventLoop.Run(async () =>
    {
        Proc? proc = null;
        Outcome outcome = await CancelScope.RunAsync(scope => Subprocess.RunAsync(s_sleeper, async process =>
        {
            proc = Proc.Of(process.Id);
            scope.Cancel("enough");
            await process.WaitAsync();
        }));
        Assert.IsType<CancelReason.Requested>(outcome.Reason);
        Assert.False(proc!.Runs);
    });

    [Fact]
    public void A_deadline_ends_the_process_and_says_what_was_waited_for() => EventLoop.Run(async () =>
    {
        Proc? proc = null;
        Outcome outcome = await CancelScope.RunAsync(scope => Subprocess.RunAsync(s_sleeper, async process =>
        {
            proc = Proc.Of(process.Id);
            scope.SetDeadline(TimeSpan.FromMilliseconds(20));
            await process.WaitAsync();
        }));
        Assert.Equal($"end of 'sleep' (pid {proc!.Pid})", Assert.IsType<CancelReason.Deadline>(outcome.Reason).WaitedFor);
        Assert.False(proc.Runs);
    });

    [Fact]
    public void A_deadline_around_what_is_collected_ends_the_process() => EventLoop.Run(async () =>
    {
        Outcome<ProcessResult> outcome = await CancelScope.MoveOnAfterAsync(
            TimeSpan.FromMilliseconds(30), () => Subprocess.RunAsync(new ProcessSpec("sleep", "612.5")));
        Assert.IsType<CancelReason.Deadline>(outcome.Reason);
        Assert.DoesNotContain("612.5", CommandLines(), StringComparison.Ordinal);
    });

    [Fact]
    public void Cancelling_at_any_moment_of_the_start_leaves_no_process() => EventLoop.Run(async () =>
    {
        int bodies = 0;
        for (int i = 0; bodies < 20; i++)
        {
            TimeSpan time = TimeSpan.FromMicroseconds(i * 20); // Ever later, until the body has begun a few times.
            Outcome outcome = await CancelScope.MoveOnAfterAsync(
                time,
                () => Subprocess.RunAsync(new ProcessSpec("sleep", "613.5"), async process =>
                {
                    bodies++;
                    await process.WaitAsync();
                }));
            Assert.True(outcome.IsCanceled);
        }

        Assert.DoesNotContain("613.5", CommandLines(), StringComparison.Ordinal);
    });

    [Fact]
    public void A_process_that_ends_on_SIGTERM_is_not_waited_for_longer() => EventLoop.Run(() =>
        Subprocess.RunAsync(s_sleeper with { StopGrace = TimeSpan.FromHours(1) }, async process =>
        {
            var exit = Assert.IsType<ProcessExit.Signaled>(await process.StopAsync());
            Assert.Equal(UnixSignal.SIGTERM, exit.Signal);
            Assert.Same(exit, await process.StopAsync());
            Assert.Same(exit, await process.WaitAsync());
            Assert.False(process.Signal(UnixSignal.SIGUSR1));
        }));

    [Fact]
    public void What_ignores_SIGTERM_is_killed_after_the_grace_with_all_its_children() => EventLoop.Run(async () =>
    {
        (Proc parent, Proc child) = await Subprocess.RunAsync(s_stubborn, async process =>
        {
            Proc child = Proc.Of(await process.Output.ReadLineAsync());
            long begun = Stopwatch.GetTimestamp();
            var exit = Assert.IsType<ProcessExit.Signaled>(await process.StopAsync());
            Assert.Equal(UnixSignal.SIGKILL, exit.Signal);
            Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.FromMilliseconds(99), TimeSpan.FromSeconds(20));
            Assert.False(child.Runs);
            return (new Proc(process.Id, ""), child);
        });
        Assert.False(child.Runs);
        Assert.False(parent.Runs);
    });

    [Fact]
    public void Leaving_kills_what_ignores_SIGTERM() => EventLoop.Run(async () =>
    {
        Proc? parent = null, child = null;
        Outcome outcome = await CancelScope.RunAsync(scope => Subprocess.RunAsync(s_stubborn, async process =>
        {
            (parent, child) = (Proc.Of(process.Id), Proc.Of(await process.Output.ReadLineAsync()));
            scope.Cancel("enough");
        }));
        Assert.False(parent!.Runs);
        Assert.False(child!.Runs);
    });

    [Fact]
    public void A_grace_of_zero_kills_at_once() => EventLoop.Run(() => Subprocess.RunAsync(s_stubborn, async process =>
    {
        await process.Output.ReadLineAsync();
        var exit = Assert.IsType<ProcessExit.Signaled>(await process.StopAsync(TimeSpan.Zero));
        Assert.Equal(UnixSignal.SIGKILL, exit.Signal);
    }));

    [Fact]
    public void A_child_that_cleans_up_has_the_grace_although_its_parent_is_gone() => EventLoop.Run(async () =>
    {
        using var folder = new TemporaryFolder();
        // The shell dies of SIGTERM at once, as in a job script; what it runs takes a while to save its work.
        var spec = new ProcessSpec("sh", "-c", "sh -c 'trap \"sleep 0.3; echo saved > saved; exit\" TERM; echo ready; while :; do sleep 0.01; done'; true")
        {
            WorkingDirectory = folder.Path,
        };
        await Subprocess.RunAsync(spec, async process => await process.Output.ReadLineAsync());
        Assert.Equal("saved\n", File.ReadAllText(folder["saved"]));
    });

    [Fact]
    public void A_child_that_outlives_its_parent_ends_with_the_scope() => EventLoop.Run(async () =>
    {
        Proc? child = null;
        await Subprocess.RunAsync(new ProcessSpec("sh", "-c", "sleep 600 & echo $!"), async process =>
        {
            child = Proc.Of(await process.Output.ReadLineAsync());
            Assert.Equal(new ProcessExit.Exited(0), await process.WaitAsync());
            Assert.True(child.Runs);
            Assert.Equal("Z", Proc.State(process.Id)); // It holds its number until the scope is left.
        });
        Assert.False(child!.Runs);
    });

    [Fact]
    public void A_child_that_outlives_its_parent_and_ignores_SIGTERM_is_killed() => EventLoop.Run(async () =>
    {
        Proc? child = null;
        var spec = new ProcessSpec("sh", "-c", "trap '' TERM; sleep 600 & echo $!") { StopGrace = TimeSpan.FromMilliseconds(50) };
        await Subprocess.RunAsync(spec, async process =>
        {
            child = Proc.Of(await process.Output.ReadLineAsync());
            await process.WaitAsync();
        });
        Assert.False(child!.Runs);
    });

    [Fact]
    public void A_stopped_process_can_be_ended() => EventLoop.Run(() =>
        Subprocess.RunAsync(s_sleeper with { StopGrace = TimeSpan.FromHours(1) }, async process =>
        {
            Assert.True(process.Signal(UnixSignal.SIGSTOP));
            while (Proc.State(process.Id) != "T")
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            }

            var exit = Assert.IsType<ProcessExit.Signaled>(await process.StopAsync());
            Assert.Equal(UnixSignal.SIGTERM, exit.Signal);
        }));

    [Fact]
    public void A_process_that_writes_while_it_is_stopped_is_not_held_up() => EventLoop.Run(async () =>
    {
        using var folder = new TemporaryFolder();
        var spec = new ProcessSpec("sh", "-c", "trap 'seq 100000; echo saved > saved; exit' TERM; echo ready; while :; do sleep 0.01; done")
        {
            WorkingDirectory = folder.Path,
        };
        await Subprocess.RunAsync(spec, async process => await process.Output.ReadLineAsync());
        Assert.Equal("saved\n", File.ReadAllText(folder["saved"]));
    });

    [Fact]
    public void A_signal_reaches_the_process() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("sh", "-c", "trap 'echo usr1; exit 7' USR1; echo ready; while :; do sleep 0.01; done"), async process =>
        {
            Assert.Equal("ready", await process.Output.ReadLineAsync());
            Assert.Null(process.Exit);
            Assert.True(process.Signal(UnixSignal.SIGUSR1));
            Assert.Equal("usr1", await process.Output.ReadLineAsync());
            Assert.Equal(new ProcessExit.Exited(7), await process.WaitAsync());
            Assert.Equal(new ProcessExit.Exited(7), process.Exit);
        }));

    [Fact]
    public void Any_number_may_wait_for_the_end() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("sh", "-c", "read x; exit 5") { Input = InputSource.Pipe }, async process =>
        {
            var exits = new List<ProcessExit>();
            await TaskGroup.RunAsync(async group =>
            {
                for (int i = 0; i < 10; i++)
                {
                    group.Start(async () => exits.Add(await process.WaitAsync()));
                }

                await Coroutine.YieldAsync();
                process.Input.Close();
            });
            Assert.Equal(Enumerable.Repeat(new ProcessExit.Exited(5), 10), exits);
        }));

    [Fact]
    public void After_its_scope_a_process_cannot_be_read_or_written() => EventLoop.Run(async () =>
    {
        Subprocess old = null!;
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine? reader = null;
            await Subprocess.RunAsync(s_sleeper with { Input = InputSource.Pipe }, async process =>
            {
                old = process;
                reader = group.Start(async () => await Assert.ThrowsAsync<ClosedException>(async () => await process.Output.ReadLineAsync()));
                await Coroutine.YieldAsync();
                await Coroutine.YieldAsync();
            });
            await reader!.JoinAsync();
        });
        await Assert.ThrowsAsync<ClosedException>(async () => await old.Output.ReadLineAsync());
        await Assert.ThrowsAsync<ClosedException>(async () => await old.Input.WriteAsync("x"));
        Assert.False(old.Signal(UnixSignal.SIGTERM));
        Assert.Same(await old.WaitAsync(), await old.StopAsync());
    });

    [Fact]
    public void A_process_belongs_to_its_loop() => EventLoop.Run(() =>
        Subprocess.RunAsync(s_sleeper, async process =>
        {
            Exception? e = await Blocking.RunAsync(() => Record.Exception(() => process.Signal(UnixSignal.SIGTERM)));
            Assert.IsType<WrongLoopException>(e);
        }));

    private static string CommandLines() => string.Join('\n', Directory.GetDirectories("/proc").Select(folder =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }));
}
