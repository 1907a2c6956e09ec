namespace Drover.Coroutines.Tests.Loop;

public sealed class EndOfLoopTests
{
    [Fact]
    public void When_the_main_coroutine_is_done_invoked_ones_are_canceled_and_waited_for()
    {
        bool cleanedUp = false;
        Task? invoked = null;
        Loops.Run(async () =>
        {
            invoked = EventLoop.Current.InvokeAsync(async () =>
            {
                try
                {
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                }
                finally
                {
                    await CancelScope.ShieldAsync(Seconds(10), async () => await Coroutine.SleepAsync(Seconds(1)));
                    cleanedUp = true;
                }
            });
            await Coroutine.SleepAsync(Seconds(1));
        });
        Assert.True(cleanedUp);
        Assert.True(invoked!.IsCanceled);
    }

    [Fact]
    public void An_invoked_coroutine_may_stop_the_loop_it_runs_in_without_hanging_it()
    {
        EventLoop loop = Loops.OnThread(() =>
        {
            EventLoop? running = null;
            Assert.Throws<ScopeCanceledException>(() => EventLoop.Run(
                async () =>
                {
                    running = EventLoop.Current;
                    _ = running.StopAsync("from inside");
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                },
                Loops.RealTime));
            return running!;
        });
        Assert.True(loop.StopAsync().Wait(Seconds(10), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task StopAsync_of_a_loop_in_Run_ends_with_it()
    {
        var loop = new TaskCompletionSource<EventLoop>();
        Task run = Task.Factory.StartNew(
            () => Assert.Throws<ScopeCanceledException>(() => Loops.Run(
                async () =>
                {
                    using IDisposable hold = EventLoop.Current.HoldOpen("the test stops it");
                    loop.SetResult(EventLoop.Current);
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                },
                Loops.RealTime with { Name = "held" })),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        EventLoop running = await Loops.Within(loop.Task);
        await Loops.Within(running.StopAsync("from outside"));
        await Loops.Within(run);
    }

    [Fact]
    public void A_loop_that_nothing_can_wake_reports_the_tree_of_who_waits_for_what()
    {
        DeadlockException error = Loops.Deadlock(async () =>
        {
            var left = new Event("left fork");
            var right = new Event("right fork");
            await TaskGroup.RunAsync(
                group =>
                {
                    group.Start(async () => await left.WaitAsync("to eat"), "Plato");
                    group.Start(async () => await right.WaitAsync(), "Kant");
                    return Task.CompletedTask;
                },
                "dinner");
        });
        Assert.Contains("nothing can wake it again", error.Message, StringComparison.Ordinal);
        Assert.Contains("Plato", error.Tree, StringComparison.Ordinal);
        Assert.Contains("to eat (wait for event 'left fork')", error.Tree, StringComparison.Ordinal);
        Assert.Contains("Kant", error.Tree, StringComparison.Ordinal);
        Assert.Contains("wait for event 'right fork'", error.Tree, StringComparison.Ordinal);
        Assert.Contains("dinner", error.Tree, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_kind_of_wait_that_nothing_ends_is_a_deadlock()
    {
        Loops.Deadlock(async () => await new Channel<int>(0).SendAsync(1));
        Loops.Deadlock(async () => await new Channel<int>(1).ReceiveAsync());
        Loops.Deadlock(async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
        Loops.Deadlock(async () => await Coroutine.Current.JoinAsync());
        Loops.Deadlock(async () =>
        {
            var slots = new Slots(1);
            using SlotLease first = await slots.AcquireAsync();
            using SlotLease second = await slots.AcquireAsync();
        });
    }

    [Fact]
    public void A_deadlock_lets_clean_up_run()
    {
        bool cleanedUp = false;
        Loops.Deadlock(async () =>
        {
            try
            {
                await new Event().WaitAsync();
            }
            finally
            {
                await CancelScope.ShieldAsync(Seconds(10), async () => await Coroutine.SleepAsync(Milliseconds(1)));
                cleanedUp = true;
            }
        });
        Assert.True(cleanedUp);
    }

    [Fact]
    public void A_coroutine_that_waits_for_nothing_in_a_shield_is_abandoned_and_said_so()
    {
        var reports = new List<LoopReport>();
        Assert.Throws<DeadlockException>(() => Loops.Run(
            async () => await CancelScope.RunAsync(async _ => await new Event("never").WaitAsync(), shield: true),
            Loops.RealTime with { OnReport = reports.Add }));
        var abandoned = Assert.IsType<LoopReport.Abandoned>(Assert.Single(reports));
        Assert.Contains("never", abandoned.Tree, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_whose_coroutine_is_abandoned_fails_instead_of_hanging()
    {
        EventLoop loop = EventLoop.Start(Loops.RealTime with { OnReport = static _ => { } });
        var started = new TaskCompletionSource();
        Task call = loop.InvokeAsync(async () => await CancelScope.RunAsync(
            async _ =>
            {
                started.SetResult();
                await new Event("never").WaitAsync();
            },
            shield: true));
        await Loops.Within(started.Task);
        await Assert.ThrowsAsync<DeadlockException>(() => Loops.Within(loop.StopAsync()));
        await Assert.ThrowsAsync<DeadlockException>(() => Loops.Within(call));
    }

    [Fact]
    public void While_a_thread_holds_the_loop_open_it_is_not_deadlocked() => Loops.RunInRealTime(async () =>
    {
        var rung = new Event("bell");
        EventLoop loop = EventLoop.Current;
        IDisposable hold = loop.HoldOpen("the bell ringer");
        using var mayRing = new ManualResetEventSlim();
        Task ringer = Task.Factory.StartNew(
            () =>
            {
                mayRing.Wait();
                loop.InvokeAsync(rung.Set).GetAwaiter().GetResult();
                hold.Dispose();
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () => await rung.WaitAsync());
            await Coroutine.SleepAsync(Milliseconds(20)); // So that at its end the loop has nothing left but the hold.
            mayRing.Set();
        });
        await ringer;
    });

    [Fact]
    public void A_scope_with_a_token_from_outside_is_not_deadlocked() => Loops.RunInRealTime(async () =>
    {
        using var source = new CancellationTokenSource();
        EventLoop loop = EventLoop.Current;
        var waits = new TaskCompletionSource();
        Task canceler = Task.Factory.StartNew(
            () =>
            {
                waits.Task.Wait();
                SpinWait.SpinUntil(() => loop.IsAsleep, Seconds(10));
                source.Cancel();
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Outcome outcome = await CancelScope.RunAsync(
            async _ =>
            {
                waits.SetResult();
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            },
            cancellationToken: source.Token);
        Assert.True(outcome.IsCanceled);
        Assert.Contains("token", outcome.Reason!.ToString(), StringComparison.Ordinal);
        await canceler;
    });

    [Fact]
    public void A_wait_beside_something_outside_is_not_a_deadlock() => Loops.RunInRealTime(async () =>
    {
        var outside = new TaskCompletionSource<int>();
        EventLoop loop = EventLoop.Current;
        Task<int> own = new Channel<int>(0).ReceiveAsync().AsTask();
        Task setter = Task.Factory.StartNew(
            () =>
            {
                SpinWait.SpinUntil(() => loop.IsAsleep, Seconds(10));
                outside.SetResult(1);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Task<int> first = await Task.WhenAny(own, outside.Task);
        Assert.Same(outside.Task, first);
        await setter;
    });

    [Fact]
    public void A_delay_that_nobody_awaits_does_not_hide_what_is_awaited_outside() => Loops.RunInRealTime(async () =>
    {
        var outside = new TaskCompletionSource<int>();
        EventLoop loop = EventLoop.Current;
        Task delay = Task.Delay(Milliseconds(1), loop.Time);
        Task setter = Task.Factory.StartNew(
            () =>
            {
                delay.Wait();
                SpinWait.SpinUntil(() => loop.IsAsleep, Seconds(10));
                outside.SetResult(1);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Assert.Equal(1, await outside.Task);
        await setter;
    });
}
