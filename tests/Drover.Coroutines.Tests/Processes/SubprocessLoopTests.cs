using System.Collections.Concurrent;
using System.Diagnostics;

namespace Drover.Coroutines.Tests.Processes;

public sealed class SubprocessLoopTests
{
    private static readonly EventLoopOptions s_virtual = new() { VirtualTimeFrom = DateTimeOffset.UnixEpoch };

    [Fact]
    public void The_tree_says_what_is_waited_for() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("sleep", "600") { Input = InputSource.Pipe }, process => TaskGroup.RunAsync(async group =>
        {
            group.Start(async () => await process.Output.ReadLineAsync(), "reader");
            group.Start(async () => await process.Error.ReadAsync(new byte[1]), "error reader");
            group.Start(async () => await process.Input.WriteAsync(new byte[1 << 20]), "writer");
            group.Start(async () => await process.WaitAsync(), "waiter");
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(5));
            string tree = EventLoop.Current.Dump();
            Assert.Contains($"reader: read output of 'sleep' (pid {process.Id}), for", tree, StringComparison.Ordinal);
            Assert.Contains($"error reader: read errors of 'sleep' (pid {process.Id}), for", tree, StringComparison.Ordinal);
            Assert.Contains($"writer: write input of 'sleep' (pid {process.Id}), for", tree, StringComparison.Ordinal);
            Assert.Contains($"waiter: end of 'sleep' (pid {process.Id}), for", tree, StringComparison.Ordinal);
            group.Cancel("seen");
        })));

    [Fact]
    public void A_loop_that_is_never_idle_sees_the_end_of_a_process() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("sleep", "0.05"), async process =>
        {
            while (process.Exit is null)
            {
                await Coroutine.YieldAsync();
            }
        }));

    [Fact]
    public void Virtual_time_stands_still_while_a_process_runs() => EventLoop.Run(
        async () =>
        {
            long begun = EventLoop.Current.Time.GetTimestamp();
            Outcome<ProcessResult> outcome = await CancelScope.MoveOnAfterAsync(
                TimeSpan.FromMilliseconds(1), () => Subprocess.RunAsync(new ProcessSpec("sh", "-c", "sleep 0.2; echo done")));
            Assert.Equal("done\n", outcome.Value.Output);
            Assert.Equal(TimeSpan.Zero, EventLoop.Current.Time.GetElapsedTime(begun));
        },
        s_virtual);

    [Fact]
    public void Virtual_time_goes_on_when_the_process_has_ended_though_nobody_waits_for_that() => EventLoop.Run(
        () => Subprocess.RunAsync(new ProcessSpec("sleep", "0.1"), async process =>
        {
            long begun = Stopwatch.GetTimestamp();
            await Coroutine.SleepAsync(TimeSpan.FromHours(1));
            Assert.NotNull(process.Exit);
            Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        }),
        s_virtual);

    [Fact]
    public void The_grace_is_in_the_machines_time_also_in_a_loop_with_virtual_time() => EventLoop.Run(
        async () =>
        {
            var spec = new ProcessSpec("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 600; done") { StopGrace = TimeSpan.FromMilliseconds(100) };
            await Subprocess.RunAsync(spec, async process => await process.Output.ReadLineAsync());
        },
        s_virtual);

    [Fact]
    public void A_process_that_runs_is_no_deadlock() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("sh", "-c", "sleep 0.1; echo late"), async process =>
            Assert.Equal("late", await process.Output.ReadLineAsync())));

    [Fact]
    public async Task A_guest_runs_processes_and_does_not_spin()
    {
        using var posted = new BlockingCollection<Action>();
        int turns = 0;
        var host = new Thread(() =>
        {
            foreach (Action action in posted.GetConsumingEnumerable())
            {
                turns++;
                action();
            }
        });
        var started = new TaskCompletionSource<GuestLoop>();
        posted.Add(() => started.SetResult(GuestLoop.Start(posted.Add)));
        host.Start();
        GuestLoop guest = await started.Task;
        ProcessResult result = await guest.Loop.InvokeAsync(() => Subprocess.RunAsync(new ProcessSpec("sh", "-c", "sleep 0.2; seq 50000")));
        Assert.EndsWith("\n50000\n", result.Output, StringComparison.Ordinal);
        await guest.Loop.StopAsync();
        await guest.WhenEnded();
        Assert.InRange(turns, 1, 2000);
        posted.CompleteAdding();
        host.Join();
    }

    [Fact]
    public async Task Stopping_a_loop_ends_its_processes()
    {
        EventLoop loop = EventLoop.Start("stopped");
        var started = new TaskCompletionSource<Proc>();
        Task run = loop.InvokeAsync(() => Subprocess.RunAsync(new ProcessSpec("sleep", "600"), async process =>
        {
            started.SetResult(Proc.Of(process.Id));
            await process.WaitAsync();
        }));
        Proc proc = await started.Task;
        await loop.StopAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.False(proc.Runs);
    }
}
