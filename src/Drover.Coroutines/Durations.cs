using System.Globalization;

namespace Drover.Coroutines;

/// <summary>How durations are shown to people, and how they become the loop's nanoseconds.</summary>
internal static class Durations
{
    internal const long NanosecondsPerTick = 100;

    /// <summary>No deadline: later than any clock reads.</summary>
    internal const long Never = long.MaxValue;

    /// <summary>A century in ticks: more than that from now is never.</summary>
    private const ulong AlwaysFits = 100UL * 365 * TimeSpan.TicksPerDay;

    internal static string Show(TimeSpan t) => t switch
    {
        { TotalDays: >= 2 } => Number(t.TotalDays, "d"),
        { TotalHours: >= 2 } => Number(t.TotalHours, "h"),
        { TotalMinutes: >= 2 } => Number(t.TotalMinutes, "min"),
        { TotalSeconds: >= 1 } => Number(t.TotalSeconds, "s"),
        { TotalMilliseconds: >= 1 } => Number(t.TotalMilliseconds, "ms"),
        _ => Number(t.TotalMicroseconds, "µs"),
    };

    internal static string Show(long nanoseconds) => Show(TimeSpan.FromTicks(nanoseconds / NanosecondsPerTick));

    /// <summary>The moment <paramref name="span"/> after <paramref name="now"/>, saturating at <see cref="Never"/>.</summary>
    internal static long After(long now, TimeSpan span)
    {
        if ((ulong)span.Ticks <= AlwaysFits)
        {
            return now + (span.Ticks * NanosecondsPerTick);
        }

        return span > TimeSpan.Zero || span == Timeout.InfiniteTimeSpan ? Never : now;
    }

    private static string Number(double n, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Round(n, n < 10 ? 2 : 1)} {unit}");
}
