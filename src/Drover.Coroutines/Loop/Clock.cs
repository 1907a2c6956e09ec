using System.Diagnostics;

namespace Drover.Coroutines;

/// <summary>Where a loop's time comes from, in nanoseconds.</summary>
internal abstract class Clock
{
    /// <summary>Monotonic nanoseconds since some fixed moment.</summary>
    internal abstract long Now { get; }

    /// <summary>The calendar time.</summary>
    internal abstract DateTimeOffset UtcNow { get; }
}

/// <summary>The machine's clock.</summary>
internal sealed class MachineClock : Clock
{
    internal static readonly MachineClock Instance = new();

    internal override long Now => Stopwatch.Frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp()
        : (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    internal override DateTimeOffset UtcNow => TimeProvider.System.GetUtcNow();
}

/// <summary>A clock that stands still until the loop has nothing else to do, and then jumps to the next timer.</summary>
internal sealed class VirtualClock(DateTimeOffset start) : Clock
{
    private long _now;
    private long _turnedTicks;

    internal override long Now => Volatile.Read(ref _now);

    internal override DateTimeOffset UtcNow => start.AddTicks((Now / Durations.NanosecondsPerTick) + Volatile.Read(ref _turnedTicks));

    internal void JumpTo(long moment) => Volatile.Write(ref _now, moment);

    /// <summary>Somebody sets the calendar. What has elapsed stays what it was.</summary>
    internal void Turn(TimeSpan by) => Volatile.Write(ref _turnedTicks, _turnedTicks + by.Ticks);
}
