using System.Diagnostics;

namespace Drover.Bench.Runtime.Cases;

/// <summary>Timing of a case's body once the JIT has had its say.</summary>
internal static class Measure
{
    // Methods reach their last tier on a background thread, 100 ms after the tiers below have gone quiet.
    private static readonly TimeSpan s_warmup = TimeSpan.FromSeconds(1);

    /// <summary>Nanoseconds for each of <paramref name="count"/> operations that the body does in one call.</summary>
    /// <param name="count">How many operations are measured.</param>
    /// <param name="body">Does as many operations as it is told.</param>
    /// <param name="warmupCount">How many operations each call of the warm-up does.</param>
    public static async Task<Measurement> NanosecondsEachAsync(int count, Func<int, Task> body, int warmupCount)
    {
        var warming = Stopwatch.StartNew();
        while (warming.Elapsed < s_warmup)
        {
            await body(warmupCount);
        }

        var start = Stopwatch.GetTimestamp();
        await body(count);
        return new Measurement(Stopwatch.GetElapsedTime(start).TotalNanoseconds / count);
    }
}
