namespace Drover.Coroutines.Tests.Waiting;

public sealed class LifetimeTests
{
    private static readonly CancelReason s_reason = new CancelReason.OwnerClosed("agent 7", "unplugged");

    [Fact]
    public void Its_end_wakes_everyone_who_waits_on_what_it_owns_in_order_and_with_the_reason() => Loops.Run(async () =>
    {
        var life = new Lifetime("agent 7");
        var ready = new Event("ready", life);
        var mail = new Channel<int>(0, "mail", life);
        var slots = new Slots(1, "slots", life);
        Assert.True(slots.TryAcquire(out _));
        var woken = new List<(string, CancelReason?)>();
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () => woken.Add(("slots", (await slots.TryAcquireAsync()).Reason)));
            group.Start(async () => woken.Add(("sender", (await mail.TrySendAsync(1)).Reason)));
            group.Start(async () => woken.Add(("run", (await life.RunAsync(async () => await Coroutine.SleepAsync(Hours(1)))).Reason)));
            group.Start(async () => woken.Add(("ready 1", (await ready.TryWaitAsync()).Reason)));
            group.Start(async () => woken.Add(("ready 2", (await ready.TryWaitAsync()).Reason)));
            await Coroutine.SleepAsync(Seconds(1));
            life.End("unplugged");
            life.End("again");
        });
        Assert.Equal(
            [("ready 1", s_reason), ("ready 2", s_reason), ("sender", s_reason), ("slots", s_reason), ("run", s_reason)], woken);
        Assert.True(life.HasEnded);
        Assert.Equal(s_reason, life.Reason);
    });

    [Fact]
    public void Code_under_it_is_canceled_by_its_end_and_cleans_up() => Loops.Run(async () =>
    {
        var life = new Lifetime("agent 7");
        bool cleanedUp = false;
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<Outcome<int>> running = group.Start(async () => await life.RunAsync(async () =>
            {
                try
                {
                    await Coroutine.SleepAsync(Hours(1));
                    return 1;
                }
                finally
                {
                    await CancelScope.ShieldAsync(Seconds(5), async () => await Coroutine.SleepAsync(Seconds(1)));
                    cleanedUp = true;
                }
            }));
            await Coroutine.SleepAsync(Seconds(1));
            life.End("unplugged");
            Assert.Equal(s_reason, (await running.JoinAsync()).Reason);
        });
        Assert.True(cleanedUp);
    });

    [Fact]
    public void Code_that_is_done_in_time_gives_its_value() => Loops.Run(async () =>
    {
        var life = new Lifetime("agent 7");
        Assert.Equal(7, (await life.RunAsync(() => Task.FromResult(7))).Value);
        Assert.True((await life.RunAsync(() => Task.CompletedTask)).IsDone);
        life.End("unplugged");
    });

    [Fact]
    public void After_its_end_everything_ends_at_once_with_the_same_reason() => Loops.Run(async () =>
    {
        var life = new Lifetime("agent 7");
        var ready = new Event("ready", life);
        life.End("unplugged");
        Assert.Equal(s_reason, (await ready.TryWaitAsync()).Reason);
        Assert.Equal(s_reason, (await life.RunAsync(async () => await Coroutine.SleepAsync(Hours(1)))).Reason);
        var late = new Event();
        life.Own(late);
        Assert.Equal(s_reason, late.ClosedBecause);
        var error = await Assert.ThrowsAsync<ClosedException>(async () => await ready.WaitAsync());
        Assert.Equal("agent 7 is closed: unplugged", error.Message);
    });

    [Fact]
    public void Code_that_waits_for_something_else_sees_no_end() => Loops.Run(async () =>
    {
        var life = new Lifetime("agent 7");
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<int> other = group.Start(async () =>
            {
                await Coroutine.SleepAsync(Seconds(2));
                return 1;
            });
            await Coroutine.SleepAsync(Seconds(1));
            life.End("unplugged");
            Assert.Equal(1, await other.JoinAsync());
        });
    });

    [Fact]
    public void A_lifetime_may_end_itself_from_inside() => Loops.Run(async () =>
    {
        var life = new Lifetime("agent 7");
        Outcome outcome = await life.RunAsync(async () =>
        {
            life.End("unplugged");
            await Coroutine.YieldAsync();
        });
        Assert.Equal(s_reason, outcome.Reason);
    });
}
