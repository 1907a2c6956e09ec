namespace Drover.Server.Supervision;

/// <summary>
/// Judges from what a job says about its progress when it will end. What counts is how fast it was in the last half of its
/// time or more: one that resumed in the middle, or jumped, is soon judged by what it does now.
/// </summary>
/// <param name="startedAt">When its process started, by the clock that the progress has too.</param>
internal sealed class ProgressEstimate(DateTimeOffset startedAt)
{
    /// <summary>A job that begins with more has resumed: when that was done is not known.</summary>
    private const double MostAtStart = 0.25;

    /// <summary>In less time nothing can be judged.</summary>
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(3650);

    private Point? _from;
    private Point _middle;
    private Point _last;
    private DateTimeOffset? _end;

    /// <summary>When its process started.</summary>
    internal DateTimeOffset StartedAt { get; } = startedAt;

    /// <summary>Takes a report; returns when the job will end, or null when that cannot be judged.</summary>
    internal DateTimeOffset? Next(Progress progress)
    {
        if (progress is not { Fraction: { } fraction, At: { } at })
        {
            return _end; // Only a message.
        }

        var here = new Point(at, fraction);
        if (_from is null)
        {
            (_from, _middle) = (fraction <= MostAtStart ? new Point(StartedAt, 0) : here, here);
        }
        else if (here.At < _last.At || here.Fraction < _last.Fraction)
        {
            (_from, _middle) = (here, here); // It began anew.
        }
        else if (here.At - _middle.At >= _middle.At - _from.Value.At)
        {
            (_from, _middle) = (_middle, here);
        }

        _last = here;
        return _end = End(_from.Value, here);
    }

    private static DateTimeOffset? End(Point from, Point here)
    {
        TimeSpan elapsed = here.At - from.At;
        double risen = here.Fraction - from.Fraction;
        if (elapsed < s_shortest || risen <= 0 || here.Fraction >= 1)
        {
            return null;
        }

        double left = elapsed.TotalSeconds * (1 - here.Fraction) / risen;
        return left < s_longest.TotalSeconds ? here.At + TimeSpan.FromSeconds(left) : null;
    }

    private readonly record struct Point(DateTimeOffset At, double Fraction);
}
