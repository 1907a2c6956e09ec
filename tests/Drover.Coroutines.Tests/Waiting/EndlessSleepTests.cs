namespace Drover.Coroutines.Tests.Waiting;

/// <summary>The longest time there is, is for ever: virtual time does not jump there.</summary>
public sealed class EndlessSleepTests
{
    [Fact]
    public void The_longest_sleep_in_virtual_time_is_a_deadlock()
    {
        bool wentOn = false;
        DeadlockException error = Loops.Deadlock(
            () => TaskGroup.RunAsync(group => group.Start(
                async () =>
                {
                    await Coroutine.SleepAsync(TimeSpan.MaxValue, "for ever");
                    wentOn = true;
                },
                "sleeper")),
            Loops.VirtualTime);
        Assert.False(wentOn);
        Assert.Contains("for ever", error.Tree, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_limit_of_the_longest_time_is_none() => Loops.Run(async () =>
    {
        Outcome outcome = await CancelScope.MoveOnAfterAsync(TimeSpan.MaxValue, static async () => await Coroutine.SleepAsync(Hours(1)));
        Assert.True(outcome.IsDone);
    });

    [Fact]
    public void A_time_limit_of_the_longest_time_ends_no_deadlock() => Loops.Deadlock(
        async () => await CancelScope.MoveOnAfterAsync(TimeSpan.MaxValue, static async () => await new Event("never").WaitAsync()),
        Loops.VirtualTime);

    [Fact]
    public void The_longest_sleep_is_canceled_as_any() => Loops.Run(async () =>
    {
        Outcome outcome = await CancelScope.MoveOnAfterAsync(Hours(1), static async () => await Coroutine.SleepAsync(TimeSpan.MaxValue));
        Assert.IsType<CancelReason.Deadline>(outcome.Reason);
    });
}
