namespace Drover.Coroutines.Tests.Waiting;

public sealed class SleepTests
{
    [Fact]
    public void Sleepers_of_one_moment_wake_in_the_order_of_their_coming() => Loops.Run(async () =>
    {
        var order = new List<int>();
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 100; i++)
            {
                int me = i;
                group.Start(async () =>
                {
                    await Coroutine.SleepAsync(Seconds(1));
                    order.Add(me);
                });
            }

            return Task.CompletedTask;
        });
        Assert.Equal(Enumerable.Range(0, 100), order);
    });

    [Fact]
    public void A_sleep_of_nothing_gives_the_others_a_turn() => Loops.Run(async () =>
    {
        foreach (TimeSpan nothing in new[] { TimeSpan.Zero, Seconds(-5) })
        {
            bool otherRan = false;
            await TaskGroup.RunAsync(async group =>
            {
                group.Start(() =>
                {
                    otherRan = true;
                    return Task.CompletedTask;
                });
                await Coroutine.SleepAsync(nothing);
                Assert.True(otherRan);
            });
        }

        Assert.Equal(Testing.Schedules.Beginning, EventLoop.Current.Time.GetUtcNow());
    });

    [Fact]
    public void A_canceled_sleep_leaves_no_timer() => Loops.Run(async () =>
    {
        await CancelScope.MoveOnAfterAsync(Seconds(1), async () => await Coroutine.SleepAsync(Hours(1)));
        Assert.Equal(0, EventLoop.Current.Timers.Count);
    });

    [Fact]
    public void The_longest_sleep_is_as_good_as_for_ever() => Loops.Run(async () =>
    {
        Outcome outcome = await CancelScope.MoveOnAfterAsync(TimeSpan.FromDays(365), async () => await Coroutine.SleepAsync(TimeSpan.MaxValue));
        Assert.IsType<CancelReason.Deadline>(outcome.Reason);
    });

    [Fact]
    public void A_wait_that_nobody_awaited_ends_with_its_coroutine() => Loops.Run(async () =>
    {
        await TaskGroup.RunAsync(group =>
        {
            group.Start(() =>
            {
                _ = Coroutine.SleepAsync(Hours(1)).AsTask();
                _ = Coroutine.SleepAsync(Hours(1));
                return Task.CompletedTask;
            });
            return Task.CompletedTask;
        });
        Assert.Equal(0, EventLoop.Current.Timers.Count);
    });
}
