namespace Drover.Coroutines.Tests.Scopes;

public sealed class CancelScopeTests
{
    [Fact]
    public void Canceling_ends_every_wait_inside_with_the_reason() => Loops.Run(async () =>
    {
        var reasons = new List<CancelReason?>();
        Outcome outcome = await CancelScope.RunAsync(async scope =>
        {
            await TaskGroup.RunAsync(async group =>
            {
                group.Start(async () => reasons.Add((await Coroutine.TrySleepAsync(Hours(1))).Reason));
                group.Start(async () => reasons.Add((await new Event().TryWaitAsync()).Reason));
                group.Start(async () => reasons.Add((await new Channel<int>(1).TryReceiveAsync()).Reason));
                group.Start(async () => reasons.Add((await new Channel<int>(0).TrySendAsync(1)).Reason));
                group.Start(async () =>
                {
                    var slots = new Slots(1);
                    using SlotLease lease = await slots.AcquireAsync();
                    reasons.Add((await slots.TryAcquireAsync()).Reason);
                });
                await Coroutine.SleepAsync(Seconds(1));
                scope.Cancel("enough");
            });
        });
        var expected = new CancelReason.Requested("main", "enough");
        Assert.Equal([expected, expected, expected, expected, expected], reasons);
        Assert.Equal("canceled by main: enough", expected.ToString());
        Assert.True(outcome.IsDone); // Everyone took the outcome and went home.
    });

    [Fact]
    public void Code_that_catches_the_cancellation_and_waits_again_is_canceled_again() => Loops.Run(async () =>
    {
        int canceled = 0;
        Outcome outcome = await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel("stop");
            for (int i = 0; i < 5; i++)
            {
                try
                {
                    await Coroutine.SleepAsync(Seconds(1));
                }
                catch (ScopeCanceledException)
                {
                    canceled++;
                }
            }

            var channel = new Channel<int>(1);
            Assert.True((await channel.TrySendAsync(1)).IsCanceled);
            Assert.Equal(0, channel.Count);
            Assert.True(channel.TrySend(1));
            Assert.True((await channel.TryReceiveAsync()).IsCanceled);
            Assert.Equal(1, channel.Count);
            Assert.True((await new Slots(1).TryAcquireAsync()).IsCanceled);
            var set = new Event();
            set.Set();
            Assert.True((await set.TryWaitAsync()).IsCanceled);
            await Assert.ThrowsAsync<ScopeCanceledException>(async () => await Coroutine.YieldAsync());
            await Assert.ThrowsAsync<ScopeCanceledException>(async () => await Blocking.RunAsync(() => 1));
            Assert.Throws<ScopeCanceledException>(scope.ThrowIfCanceled);
        });
        Assert.Equal(5, canceled);
        Assert.True(outcome.IsDone);
        await Coroutine.SleepAsync(Seconds(1));
    });

    [Fact]
    public void A_loop_that_catches_every_cancellation_does_not_stop_the_others() => Loops.Run(async () =>
    {
        bool isOver = false;
        await TaskGroup.RunAsync(group =>
        {
            group.Start(async () => await CancelScope.RunAsync(async scope =>
            {
                scope.Cancel("stop");
                while (!isOver)
                {
                    await Coroutine.TrySleepAsync(Hours(1));
                    await new Event().TryWaitAsync();
                    await new Channel<int>(1).TryReceiveAsync();
                }
            }));
            group.Start(async () =>
            {
                await Coroutine.YieldAsync();
                isOver = true;
            });
            return Task.CompletedTask;
        });
    });

    [Fact]
    public void A_cancellation_of_another_scope_is_not_swallowed_by_this_one() => Loops.Run(async () =>
    {
        Outcome inner = default;
        Outcome outer = await CancelScope.RunAsync(async scope =>
        {
            inner = await CancelScope.RunAsync(async _ =>
            {
                scope.Cancel("outer");
                await Coroutine.SleepAsync(Seconds(1));
            });
            Assert.Fail("The inner scope swallowed the outer's cancellation.");
        });
        Assert.True(outer.IsCanceled);
        Assert.Equal(default, inner);
    });

    [Fact]
    public void When_both_are_canceled_the_inner_scope_ends_first_and_the_outer_next() => Loops.Run(async () =>
    {
        var order = new List<string>();
        Outcome outer = await CancelScope.RunAsync(async outerScope =>
        {
            Outcome inner = await CancelScope.RunAsync(async innerScope =>
            {
                innerScope.Cancel("inner");
                outerScope.Cancel("outer");
                await Coroutine.SleepAsync(Seconds(1));
            });
            order.Add(Assert.IsType<CancelReason.Requested>(inner.Reason).Why);
            await Coroutine.SleepAsync(Seconds(1));
            order.Add("not canceled");
        });
        order.Add(Assert.IsType<CancelReason.Requested>(outer.Reason).Why);
        Assert.Equal(["inner", "outer"], order);
    });

    [Fact]
    public void Code_beside_and_around_a_canceled_scope_goes_on() => Loops.Run(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<int> beside = group.Start(async () =>
            {
                await Coroutine.SleepAsync(Seconds(2));
                return 1;
            });
            await CancelScope.MoveOnAfterAsync(Seconds(1), async () => await Coroutine.SleepAsync(Hours(1)));
            await Coroutine.SleepAsync(Seconds(2));
            Assert.Equal(1, await beside.JoinAsync());
        });
    });

    [Fact]
    public void Canceling_twice_keeps_the_first_reason() => Loops.Run(async () =>
    {
        Outcome outcome = await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel("first");
            scope.Cancel("second");
            await Coroutine.YieldAsync();
        });
        Assert.Equal("first", Assert.IsType<CancelReason.Requested>(outcome.Reason).Why);
    });

    [Fact]
    public void Canceling_after_the_end_does_nothing() => Loops.Run(async () =>
    {
        CancelScope? left = null;
        TaskGroup? over = null;
        Coroutine? ended = null;
        await CancelScope.RunAsync(async scope =>
        {
            left = scope;
            await TaskGroup.RunAsync(group =>
            {
                over = group;
                ended = group.Start(() => Task.CompletedTask);
                return Task.CompletedTask;
            });
        });
        left!.Cancel("late");
        over!.Cancel("late");
        ended!.Cancel("late");
        Assert.False(left.IsCanceled);
        Assert.Null(left.Reason);
        Assert.True(ended.Outcome.IsDone);
        await Coroutine.SleepAsync(Seconds(1));
    });

    [Fact]
    public void Canceling_after_the_end_of_the_loop_does_nothing()
    {
        CancelScope scope = Loops.Run(() => Task.FromResult(CancelScope.Current));
        CancelReason? before = scope.Reason;
        scope.Cancel("far too late");
        Assert.Equal(before, scope.Reason);
    }

    [Fact]
    public void Another_thread_cancels_through_the_loop() => Loops.RunInRealTime(async () =>
    {
        using var waits = new ManualResetEventSlim();
        Outcome outcome = await CancelScope.RunAsync(async scope =>
        {
            using IDisposable hold = EventLoop.Current.HoldOpen("a thread cancels");
            var thread = new Thread(() =>
            {
                waits.Wait();
                scope.Cancel("from a thread");
                scope.Cancel("again");
            })
            { IsBackground = true, Name = "canceler" };
            thread.Start();
            waits.Set();
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        });
        Assert.Equal(new CancelReason.Requested("canceler", "from a thread"), outcome.Reason);
    });

    [Fact]
    public void Many_threads_may_cancel_and_race_with_the_end() => Loops.RunInRealTime(async () =>
    {
        for (int round = 0; round < 100; round++)
        {
            Task canceling = Task.CompletedTask;
            await CancelScope.RunAsync(async scope =>
            {
                canceling = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => scope.Cancel("race"))));
                await Coroutine.YieldAsync();
                await Coroutine.YieldAsync();
            });
            await canceling;
            await Coroutine.YieldAsync();
        }
    });

    [Fact]
    public void Canceling_a_scope_with_thousands_of_waiters_ends_them_in_order() => Loops.Run(async () =>
    {
        const int Count = 1000;
        var order = new List<int>();
        var never = new Event();
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < Count; i++)
            {
                int me = i;
                group.Start(async () =>
                {
                    await never.TryWaitAsync();
                    order.Add(me);
                });
            }

            await Coroutine.YieldAsync();
            Assert.Equal(Count, never.Waiting);
            group.Cancel("all of you");
        });
        Assert.Equal(Enumerable.Range(0, Count), order);
        Assert.Equal(0, never.Waiting);
    });

    [Fact]
    public void Several_waits_of_one_scope_are_all_canceled() => Loops.Run(async () =>
    {
        var slots = new Slots(4);
        using SlotLease most = await slots.AcquireAsync(3);
        Outcome outcome = await CancelScope.RunAsync(async scope =>
        {
            Task[] waits =
            [
                slots.AcquireAsync(4).AsTask(), slots.AcquireAsync(4).AsTask(), slots.AcquireAsync(1).AsTask(),
                new Event().WaitAsync().AsTask(), Coroutine.SleepAsync(Hours(1)).AsTask(),
            ];
            await Coroutine.YieldAsync();
            scope.Cancel("all of it");
            await Task.WhenAll(waits);
        });
        Assert.True(outcome.IsCanceled);
        Assert.Empty(slots.Statistics().Waiters);
    });
}
