namespace Drover.Coroutines.Tests.Scopes;

public sealed class ShieldTests
{
    [Fact]
    public void A_shield_protects_clean_up_that_waits() => Loops.Run(async () =>
    {
        bool cleanedUp = false;
        Outcome outcome = await CancelScope.MoveOnAfterAsync(Seconds(1), async () =>
        {
            try
            {
                await Coroutine.SleepAsync(Hours(1));
            }
            finally
            {
                Outcome cleanUp = await CancelScope.ShieldAsync(Seconds(5), async () => await Coroutine.SleepAsync(Seconds(2)));
                cleanedUp = cleanUp.IsDone;
            }
        });
        Assert.True(cleanedUp);
        Assert.IsType<CancelReason.Deadline>(outcome.Reason);
    });

    [Fact]
    public void A_shield_has_a_deadline_of_its_own() => Loops.Run(async () =>
    {
        long begun = EventLoop.Current.Time.GetTimestamp();
        Outcome<int> cleanUp = default;
        Outcome outer = await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel("stop");
            cleanUp = await CancelScope.ShieldAsync(
                Seconds(5),
                async () =>
                {
                    await Coroutine.SleepAsync(Hours(1));
                    return 1;
                },
                "clean-up");
            await Coroutine.YieldAsync();
        });
        Assert.Equal("clean-up", Assert.IsType<CancelReason.Deadline>(cleanUp.Reason).Scope);
        Assert.Equal(Seconds(5), EventLoop.Current.Time.GetElapsedTime(begun));
        Assert.Equal(new CancelReason.Requested("main", "stop"), outer.Reason);
    });

    [Fact]
    public void A_cancellation_while_the_shield_is_up_takes_effect_after_it() => Loops.Run(async () =>
    {
        var order = new List<string>();
        Outcome outcome = await CancelScope.MoveOnAfterAsync(Seconds(1), async () =>
        {
            await CancelScope.ShieldAsync(Seconds(10), async () =>
            {
                await Coroutine.SleepAsync(Seconds(3));
                order.Add("shielded work done");
                Assert.False(CancelScope.Current.IsCanceled);
            });
            Assert.True(CancelScope.Current.IsCanceled);
            await Coroutine.SleepAsync(Seconds(1));
            order.Add("not canceled");
        });
        Assert.Equal(["shielded work done"], order);
        Assert.True(outcome.IsCanceled);
    });

    [Fact]
    public void Children_started_in_a_shield_are_shielded_too() => Loops.Run(async () =>
    {
        bool childDone = false;
        await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel("stop");
            await CancelScope.ShieldAsync(Seconds(10), () => TaskGroup.RunAsync(group =>
            {
                group.Start(async () =>
                {
                    await Coroutine.SleepAsync(Seconds(1));
                    childDone = true;
                });
                return Task.CompletedTask;
            }));
        });
        Assert.True(childDone);
    });

    [Fact]
    public void A_shield_itself_can_be_canceled() => Loops.Run(async () =>
    {
        Outcome outcome = await CancelScope.RunAsync(
            async scope =>
            {
                Assert.True(scope.IsShielded);
                scope.Cancel("this one");
                await Coroutine.SleepAsync(Seconds(1));
            },
            shield: true);
        Assert.Equal(new CancelReason.Requested("main", "this one"), outcome.Reason);
    });

    [Fact]
    public void A_shield_inside_a_shield_is_reached_only_by_its_own_deadline() => Loops.Run(async () =>
    {
        bool innerDone = false;
        Outcome outer = await CancelScope.ShieldAsync(Seconds(1), async () =>
        {
            Outcome inner = await CancelScope.ShieldAsync(Seconds(5), async () => await Coroutine.SleepAsync(Seconds(2)));
            innerDone = inner.IsDone;
            await Coroutine.YieldAsync();
        });
        Assert.True(innerDone);
        Assert.IsType<CancelReason.Deadline>(outer.Reason);
    });
}
