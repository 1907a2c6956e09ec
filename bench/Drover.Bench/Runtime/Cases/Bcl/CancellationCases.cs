using System.Diagnostics;

namespace Drover.Bench.Runtime.Cases.Bcl;

/// <summary>Waiters three async frames deep that are all canceled at once.</summary>
internal static class CancellationCases
{
    private const int Waiters = 100_000;

    public static Task<Measurement> CancelAsync() => WarmThenCancelAsync(ThrowingOuterAsync, beforeCancel: () => { });

    public static Task<Measurement> CancelOutcomeAsync() => WarmThenCancelAsync(OutcomeOuterAsync, beforeCancel: () => { });

    public static async Task<Measurement> HeartbeatAsync()
    {
        var heartbeat = new Heartbeat();
        var beating = Task.Run(() => heartbeat.BeatAsync(Task.Delay));
        await WarmThenCancelAsync(ThrowingOuterAsync, heartbeat.StartCounting);
        heartbeat.Stop();
        return await beating;
    }

    private static async Task<Measurement> WarmThenCancelAsync(Func<CancellationToken, Task> wait, Action beforeCancel)
    {
        for (var i = 0; i < 10; i++)
        {
            await CancelWaitersAsync(2_000, wait, beforeCancel: () => { });
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }

        var elapsed = await CancelWaitersAsync(Waiters, wait, beforeCancel);
        return new Measurement(elapsed.TotalMilliseconds);
    }

    private static async Task<TimeSpan> CancelWaitersAsync(int count, Func<CancellationToken, Task> wait, Action beforeCancel)
    {
        using var scope = new CancellationTokenSource();
        var waiting = new Task[count];
        for (var i = 0; i < waiting.Length; i++)
        {
            waiting[i] = wait(scope.Token);
        }

        await Task.Delay(Heartbeat.Settling); // The beat that the start of so many made late is over.
        beforeCancel();
        var start = Stopwatch.GetTimestamp();
        await scope.CancelAsync();
        await Task.WhenAll(waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Stopwatch.GetElapsedTime(start);
    }

    private static async Task ThrowingOuterAsync(CancellationToken token) => await ThrowingMiddleAsync(token);

    private static async Task ThrowingMiddleAsync(CancellationToken token) => await ThrowingInnerAsync(token);

    private static async Task ThrowingInnerAsync(CancellationToken token) => await Task.Delay(Timeout.InfiniteTimeSpan, token);

    private static async Task<bool> OutcomeOuterAsync(CancellationToken token) => await OutcomeMiddleAsync(token);

    private static async Task<bool> OutcomeMiddleAsync(CancellationToken token) => await OutcomeInnerAsync(token);

    private static async Task<bool> OutcomeInnerAsync(CancellationToken token)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return token.IsCancellationRequested;
    }
}
