namespace Drover.Coroutines.Tests.Diagnostics;

public sealed class ContendedLockTests
{
    [Fact]
    public void A_monitor_that_stays_taken_is_reported_with_the_place_that_waits()
    {
        object gate = new();
        LoopReport.BlockingWait report = RunUntilReported(
            hold: wait =>
            {
                lock (gate)
                {
                    wait();
                }
            },
            enter: () => EnterMonitor(gate));

        Assert.Contains(nameof(EnterMonitor), report.Stack, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Lock_that_stays_taken_is_reported_with_the_place_that_waits()
    {
        Lock gate = new();
        LoopReport.BlockingWait report = RunUntilReported(
            hold: wait =>
            {
                lock (gate)
                {
                    wait();
                }
            },
            enter: () => EnterLock(gate));

        Assert.Contains(nameof(EnterLock), report.Stack, StringComparison.Ordinal);
    }

    [Fact]
    public void Entering_a_taken_monitor_for_a_limited_time_still_gives_up_after_the_report()
    {
        object gate = new();
        bool? entered = null;

        RunUntilReported(
            hold: wait =>
            {
                lock (gate)
                {
                    wait();
                    SpinWait.SpinUntil(() => entered is not null);
                }
            },
            enter: () => entered = Monitor.TryEnter(gate, millisecondsTimeout: 50));

        Assert.False(entered);
    }

    [Fact]
    public void A_lock_that_is_contended_for_a_moment_is_not_reported()
    {
        object gate = new();
        using var isHeld = new ManualResetEventSlim();
        using var isOver = new ManualResetEventSlim();
        var reports = new List<LoopReport>();
        bool entered = true;
        var holder = new Thread(() =>
        {
            lock (gate)
            {
                isHeld.Set();
                isOver.Wait();
            }
        });
        holder.Start();
        isHeld.Wait();

        EventLoop.Run(
            () =>
            {
                entered = Monitor.TryEnter(gate, millisecondsTimeout: 1);
                return Task.CompletedTask;
            },
            new EventLoopOptions { OnReport = reports.Add });

        isOver.Set();
        holder.Join();
        Assert.False(entered);
        Assert.Empty(reports);
    }

    /// <summary>Another thread holds the lock until the loop has reported that it waits for it.</summary>
    private static LoopReport.BlockingWait RunUntilReported(Action<Action> hold, Action enter)
    {
        using var isHeld = new ManualResetEventSlim();
        using var isReported = new ManualResetEventSlim();
        LoopReport? report = null;
        var holder = new Thread(() => hold(() =>
        {
            isHeld.Set();
            isReported.Wait();
        }));
        holder.Start();
        isHeld.Wait();

        EventLoop.Run(
            () =>
            {
                enter();
                return Task.CompletedTask;
            },
            new EventLoopOptions
            {
                OnReport = r =>
                {
                    report = r;
                    isReported.Set();
                },
            });

        holder.Join();
        return Assert.IsType<LoopReport.BlockingWait>(report);
    }

    private static void EnterMonitor(object gate)
    {
        lock (gate)
        {
        }
    }

    private static void EnterLock(Lock gate)
    {
        lock (gate)
        {
        }
    }
}
