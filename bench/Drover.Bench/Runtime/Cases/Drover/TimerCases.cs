using System.Diagnostics;
using System.Text.Json.Nodes;
using Drover.Bench.Orchestration;
using Drover.Coroutines;

namespace Drover.Bench.Runtime.Cases.Drover;

internal static class TimerCases
{
    public static async Task<Measurement> AddCancelAsync()
    {
        const int Outstanding = 1_000_000;
        const int Pairs = 2_000_000;
        var random = new Random(1);
        var time = EventLoop.Current.Time;
        var outstanding = new ITimer[Outstanding];
        for (var i = 0; i < outstanding.Length; i++)
        {
            outstanding[i] = StartTimer(time, NextDelay(random));
        }

        var delays = new TimeSpan[Pairs];
        for (var i = 0; i < delays.Length; i++)
        {
            delays[i] = NextDelay(random);
        }

        var found = await Measure.NanosecondsEachAsync(Pairs, AddAndCancelAsync, warmupCount: 50_000);
        foreach (var timer in outstanding)
        {
            timer.Dispose();
        }

        return found;

        Task AddAndCancelAsync(int pairs)
        {
            for (var i = 0; i < pairs; i++)
            {
                StartTimer(time, delays[i]).Dispose();
            }

            return Task.CompletedTask;
        }

        static ITimer StartTimer(TimeProvider time, TimeSpan delay) =>
            time.CreateTimer(static _ => { }, state: null, delay, Timeout.InfiniteTimeSpan);

        static TimeSpan NextDelay(Random random) => TimeSpan.FromSeconds(3600 + (3600 * random.NextDouble()));
    }

    /// <summary>The deadlines begin half a second from now, so that every child is asleep before the first.</summary>
    public static async Task<Measurement> LateAsync(double quantile)
    {
        const int Children = 10_000;
        var random = new Random(1);
        var start = Stopwatch.GetTimestamp();
        var late = new double[Children];
        await TaskGroup.RunAsync(group =>
        {
            for (var i = 0; i < late.Length; i++)
            {
                var child = i;
                var due = TimeSpan.FromSeconds(0.5 + random.NextDouble());
                group.Start(async () =>
                {
                    await Coroutine.SleepAsync(due - Stopwatch.GetElapsedTime(start));
                    late[child] = (Stopwatch.GetElapsedTime(start) - due).TotalMilliseconds;
                });
            }

            return Task.CompletedTask;
        });
        var found = Quantile.Of(late, quantile);
        return new Measurement(found, new JsonObject { ["max"] = late[^1], ["min"] = late[0] });
    }
}
