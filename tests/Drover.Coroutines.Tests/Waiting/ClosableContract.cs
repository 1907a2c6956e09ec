namespace Drover.Coroutines.Tests.Waiting;

/// <summary>What holds for everything that coroutines wait on and that can be closed.</summary>
public abstract class ClosableContract
{
    private protected abstract Closable Make(string name, Lifetime? owner = null);

    /// <summary>A wait that is not over at once.</summary>
    private protected abstract ValueTask WaitAsync(Closable closable, string? situation = null);

    /// <summary>The same as an outcome.</summary>
    private protected abstract ValueTask<Outcome> TryWaitAsync(Closable closable);

    private protected abstract int Waiting(Closable closable);

    [Fact]
    public void Closing_wakes_every_waiter_in_order_with_the_reason() => Loops.Run(async () =>
    {
        Closable closable = Make("it");
        var woken = new List<(int, CancelReason?)>();
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < 5; i++)
            {
                int me = i;
                group.Start(async () => woken.Add((me, (await TryWaitAsync(closable)).Reason)));
            }

            await Coroutine.YieldAsync();
            Assert.Equal(5, Waiting(closable));
            closable.Close("going home");
            Assert.Equal(0, Waiting(closable));
        });
        var reason = new CancelReason.OwnerClosed(closable.ToString(), "going home");
        Assert.Equal([(0, reason), (1, reason), (2, reason), (3, reason), (4, reason)], woken);
        Assert.Equal(reason, closable.ClosedBecause);
    });

    [Fact]
    public void Later_waits_fail_at_once_with_the_same_reason() => Loops.Run(async () =>
    {
        Closable closable = Make("it");
        Assert.False(closable.IsClosed);
        Assert.Null(closable.ClosedBecause);
        closable.Close("going home");
        var error = await Assert.ThrowsAsync<ClosedException>(async () => await WaitAsync(closable));
        Assert.Same(closable.ClosedBecause, error.Reason);
        Assert.Equal($"{closable} is closed: going home", error.Message);
        Outcome outcome = await TryWaitAsync(closable);
        Assert.Same(closable.ClosedBecause, outcome.Reason);
        Assert.True(outcome.IsCanceled);
        Assert.Equal(TimeSpan.Zero, EventLoop.Current.Time.GetUtcNow() - Testing.Schedules.Beginning);
    });

    [Fact]
    public void Closing_again_keeps_the_first_reason() => Loops.Run(() =>
    {
        Closable closable = Make("it");
        closable.Close("first");
        closable.Close("second");
        Assert.Equal("first", closable.ClosedBecause!.Why);
        return Task.CompletedTask;
    });

    [Fact]
    public void A_lifetime_that_ends_closes_it() => Loops.Run(async () =>
    {
        var life = new Lifetime("agent 7");
        Closable before = Make("before", life);
        Outcome outcome = default;
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () => outcome = await TryWaitAsync(before));
            await Coroutine.YieldAsync();
            life.End("unplugged");
        });
        var reason = new CancelReason.OwnerClosed("agent 7", "unplugged");
        Assert.Equal(reason, outcome.Reason);
        Closable after = Make("after", life);
        Assert.True(after.IsClosed);
        Assert.Equal(reason, (await TryWaitAsync(after)).Reason);
    });

    [Fact]
    public void A_wait_that_is_canceled_leaves_at_once() => Loops.Run(async () =>
    {
        Closable closable = Make("it");
        await CancelScope.MoveOnAfterAsync(Seconds(1), async () => await WaitAsync(closable));
        Assert.Equal(0, Waiting(closable));
        Outcome outcome = default;
        await CancelScope.MoveOnAfterAsync(Seconds(1), async () => outcome = await TryWaitAsync(closable));
        Assert.IsType<CancelReason.Deadline>(outcome.Reason);
        Assert.Equal(0, Waiting(closable));
    });

    [Fact]
    public void The_tree_says_what_is_waited_for_and_why() => Loops.Run(async () =>
    {
        Closable closable = Make("gate");
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () => await WaitAsync(closable, "the guests"), "host");
            await Coroutine.SleepAsync(Seconds(3));
            CoroutineInfo info = EventLoop.Current.Snapshot().Single(c => c.Name == "host");
            Assert.Equal(CoroutineState.Waiting, info.State);
            Assert.StartsWith("the guests (", info.Situation, StringComparison.Ordinal);
            Assert.Contains("'gate'", info.Situation, StringComparison.Ordinal);
            Assert.Equal(Seconds(3), info.Waited);
            group.Cancel("seen");
        });
    });

    [Fact]
    public void Without_a_name_it_gets_a_number() => Loops.Run(() =>
    {
        Assert.NotEqual(new Event().Name, new Event().Name);
        return Task.CompletedTask;
    });
}
