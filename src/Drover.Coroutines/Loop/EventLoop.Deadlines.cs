namespace Drover.Coroutines;

/// <content>When a timer is due.</content>
public sealed partial class EventLoop
{
    /// <summary>The machine's coarse clock ticks every 1 to 16 ms.</summary>
    private const long CoarseError = 16_000_000;

    private const long CoarseFromTicks = 10 * TimeSpan.TicksPerSecond;
    private long _coarse;
    private long _coarseNow;

    /// <summary>
    /// The moment <paramref name="span"/> from now. Reading the clock is a third of what a timer costs; so for spans from
    /// ten seconds on a reading serves that is at most <see cref="CoarseError"/> old, and the timer is that much late
    /// instead of early.
    /// </summary>
    internal long DeadlineAfter(TimeSpan span)
    {
        if (span.Ticks < CoarseFromTicks || _virtual is not null)
        {
            return Durations.After(Clock.Now, span);
        }

        long coarse = Environment.TickCount64;
        if (coarse != _coarse)
        {
            _coarse = coarse;
            _coarseNow = Clock.Now;
        }

        return Durations.After(_coarseNow + CoarseError, span);
    }
}
