namespace Drover.Coroutines;

/// <content>When a timer is due.</content>
public sealed partial class EventLoop
{
    /// <summary>The machine's coarse clock ticks every 1 to 16 ms.</summary>
    private const long CoarseError = 16_000_000;

    private const long CoarseFrom = 10 * TimeSpan.TicksPerSecond;
    private const long CoarseTo = 100L * 365 * TimeSpan.TicksPerDay;
    private long _coarse = -1;
    private long _coarseNow;

    /// <summary>In virtual time: the calendar jumps, and timers and elapsed times do not.</summary>
    internal void TurnVirtualClock(TimeSpan by) =>
        (_virtual ?? throw new InvalidOperationException("Only a clock of virtual time can be turned; this loop goes by the machine's.")).Turn(by);

    /// <summary>
    /// The moment <paramref name="span"/> from now. Reading the clock is a third of what a timer costs; so for spans from
    /// ten seconds on a reading serves that is at most <see cref="CoarseError"/> old, and the timer is that much late
    /// instead of early (decision 0006).
    /// </summary>
    internal long DeadlineAfter(TimeSpan span)
    {
        long ticks = span.Ticks;
        if ((ulong)(ticks - CoarseFrom) > CoarseTo - CoarseFrom || _virtual is not null)
        {
            return Durations.After(Clock.Now, span);
        }

        long coarse = Environment.TickCount64;
        if (coarse != _coarse)
        {
            _coarse = coarse;
            _coarseNow = Clock.Now + CoarseError;
        }

        return _coarseNow + (ticks * Durations.NanosecondsPerTick);
    }
}
