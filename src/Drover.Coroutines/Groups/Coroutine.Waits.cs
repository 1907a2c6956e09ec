namespace Drover.Coroutines;

/// <content>The waits that need nothing but a coroutine.</content>
public partial class Coroutine
{
    /// <summary>
    /// Suspends the running coroutine for <paramref name="time"/> of the loop's clock; never shorter, from ten seconds on
    /// up to 16 ms longer (decision 0006).
    /// </summary>
    /// <param name="time">How long; infinite sleeps until canceled; zero or less gives the others a turn.</param>
    /// <param name="situation">Words for the tree.</param>
    /// <exception cref="ScopeCanceledException">The scope is canceled.</exception>
    public static ValueTask SleepAsync(TimeSpan time, string? situation = null) => Sleep(time, situation).AsValueTask();

    /// <summary>As <see cref="SleepAsync"/>, but a cancellation is the outcome and not thrown.</summary>
    public static ValueTask<Outcome> TrySleepAsync(TimeSpan time, string? situation = null) => Sleep(time, situation).AsOutcome();

    /// <summary>Lets every other ready coroutine run before this one goes on.</summary>
    /// <exception cref="ScopeCanceledException">The scope is canceled.</exception>
    public static YieldAwaitable YieldAsync() => new(CancelScope.Current);

    private static WaitNode Sleep(TimeSpan time, string? situation)
    {
        CancelScope scope = CancelScope.Current;
        EventLoop loop = scope.Loop;
        WaitNode node = loop.RentWait();
        node.Begin(scope, situation);
        if (scope.Origin is { } origin)
        {
            node.RefuseAfterTurn(origin);
        }
        else if (time <= TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
        {
            node.CompleteAfterTurn();
        }
        else if (loop.DeadlineAfter(time) is var deadline and not Durations.Never)
        {
            loop.Timers.Add(node, deadline);
        }

        return node;
    }
}
