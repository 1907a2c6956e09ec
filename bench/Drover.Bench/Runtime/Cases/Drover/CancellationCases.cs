using System.Diagnostics;
using Drover.Coroutines;

namespace Drover.Bench.Runtime.Cases.Drover;

/// <summary>Waiters three async frames deep that are all canceled at once.</summary>
internal static class CancellationCases
{
    private const int Waiters = 100_000;

    public static Task<Measurement> CancelAsync() => WarmThenCancelAsync(ThrowingOuterAsync, beforeCancel: () => { });

    public static Task<Measurement> CancelOutcomeAsync() => WarmThenCancelAsync(OutcomeOuterAsync, beforeCancel: () => { });

    public static Task<Measurement> HeartbeatAsync() => TaskGroup.RunAsync(async group =>
    {
        var heartbeat = new Heartbeat();
        var beating = group.Start(() => heartbeat.BeatAsync(time => Coroutine.SleepAsync(time).AsTask()));
        await WarmThenCancelAsync(ThrowingOuterAsync, heartbeat.StartCounting);
        heartbeat.Stop();
        return await beating.JoinAsync();
    });

    private static async Task<Measurement> WarmThenCancelAsync(Func<Event, Task> wait, Action beforeCancel)
    {
        for (var i = 0; i < 10; i++)
        {
            await CancelWaitersAsync(2_000, wait, beforeCancel: () => { });
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(100));
        }

        var elapsed = await CancelWaitersAsync(Waiters, wait, beforeCancel);
        return new Measurement(elapsed.TotalMilliseconds);
    }

    private static async Task<TimeSpan> CancelWaitersAsync(int count, Func<Event, Task> wait, Action beforeCancel)
    {
        var never = new Event("never");
        long start = 0;
        await TaskGroup.RunAsync(async group =>
        {
            Func<Task> body = () => wait(never);
            for (var i = 0; i < count; i++)
            {
                group.Start(body);
            }

            while (never.Waiting < count)
            {
                await Coroutine.YieldAsync();
            }

            await Coroutine.SleepAsync(Heartbeat.Settling); // The beat that the start of so many made late is over.
            beforeCancel();
            start = Stopwatch.GetTimestamp();
            group.Cancel("enough");
        });
        return Stopwatch.GetElapsedTime(start);
    }

    private static async Task ThrowingOuterAsync(Event never) => await ThrowingMiddleAsync(never);

    private static async Task ThrowingMiddleAsync(Event never) => await ThrowingInnerAsync(never);

    private static async Task ThrowingInnerAsync(Event never) => await never.WaitAsync();

    private static async Task<Outcome> OutcomeOuterAsync(Event never) => await OutcomeMiddleAsync(never);

    private static async Task<Outcome> OutcomeMiddleAsync(Event never) => await OutcomeInnerAsync(never);

    private static async Task<Outcome> OutcomeInnerAsync(Event never) => await never.TryWaitAsync();
}
