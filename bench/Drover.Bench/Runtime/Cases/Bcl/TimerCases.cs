using System.Diagnostics;
using System.Text.Json.Nodes;
using Drover.Bench.Orchestration;

namespace Drover.Bench.Runtime.Cases.Bcl;

internal static class TimerCases
{
    public static async Task<Measurement> AddCancelAsync()
    {
        const int Outstanding = 1_000_000;
        const int Pairs = 2_000_000;
        var random = new Random(1);
        var outstanding = new Timer[Outstanding];
        for (var i = 0; i < outstanding.Length; i++)
        {
            outstanding[i] = StartTimer(NextDelay(random));
        }

        var delays = new TimeSpan[Pairs];
        for (var i = 0; i < delays.Length; i++)
        {
            delays[i] = NextDelay(random);
        }

        var found = await Measure.NanosecondsEachAsync(Pairs, AddAndCancelAsync, warmupCount: 50_000);
        GC.KeepAlive(outstanding);
        return found;

        Task AddAndCancelAsync(int pairs)
        {
            for (var i = 0; i < pairs; i++)
            {
                StartTimer(delays[i]).Dispose();
            }

            return Task.CompletedTask;
        }

        static Timer StartTimer(TimeSpan delay) => new(static _ => { }, state: null, delay, Timeout.InfiniteTimeSpan);

        static TimeSpan NextDelay(Random random) => TimeSpan.FromSeconds(3600 + (3600 * random.NextDouble()));
    }

    /// <summary>The deadlines begin half a second from now, so that every child is asleep before the first.</summary>
    public static async Task<Measurement> LateAsync(double quantile)
    {
        const int Children = 10_000;
        var random = new Random(1);
        var start = Stopwatch.GetTimestamp();
        var sleeping = new Task<double>[Children];
        for (var i = 0; i < sleeping.Length; i++)
        {
            sleeping[i] = SleepUntilAsync(start, TimeSpan.FromSeconds(0.5 + random.NextDouble()));
        }

        var late = await Task.WhenAll(sleeping);
        var found = Quantile.Of(late, quantile);
        return new Measurement(found, new JsonObject { ["max"] = late[^1] });
    }

    /// <summary>Task.Delay cuts its delay to whole milliseconds; whoever must not wake early rounds it up.</summary>
    private static async Task<double> SleepUntilAsync(long start, TimeSpan due)
    {
        var milliseconds = Math.Ceiling((due - Stopwatch.GetElapsedTime(start)).TotalMilliseconds);
        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds));
        return (Stopwatch.GetElapsedTime(start) - due).TotalMilliseconds;
    }
}
