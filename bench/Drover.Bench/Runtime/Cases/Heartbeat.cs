using System.Diagnostics;

namespace Drover.Bench.Runtime.Cases;

/// <summary>The greatest lateness of a heartbeat that sleeps 10 ms again and again.</summary>
internal sealed class Heartbeat
{
    private volatile bool _isCounting;
    private volatile bool _isStopping;

    public static TimeSpan Interval { get; } = TimeSpan.FromMilliseconds(10);

    /// <summary>After which time a beat that was late before no longer counts.</summary>
    public static TimeSpan Settling { get; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Beats are counted from here on.</summary>
    public void StartCounting() => _isCounting = true;

    /// <summary>Ends the heartbeat with the beat that is pending now, so that a late one counts.</summary>
    public void Stop() => _isStopping = true;

    /// <summary>Beats until stopped, and gives the greatest lateness.</summary>
    /// <param name="sleep">The peer's way to sleep.</param>
    public async Task<Measurement> BeatAsync(Func<TimeSpan, Task> sleep)
    {
        var greatest = TimeSpan.Zero;
        for (var isLast = false; !isLast;)
        {
            var start = Stopwatch.GetTimestamp();
            await sleep(Interval);
            var late = Stopwatch.GetElapsedTime(start) - Interval;
            if (_isCounting && late > greatest)
            {
                greatest = late;
            }

            isLast = _isStopping;
        }

        return new Measurement(greatest.TotalMilliseconds);
    }
}
