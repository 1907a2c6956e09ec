namespace Drover.Agent.Connections;

/// <summary>
/// How long to wait before the next try: twice as long each time, and a random part of that, so that agents which lost
/// the same server do not all come back at the same moment.
/// </summary>
internal sealed class Backoff
{
    private readonly TimeSpan _first;
    private readonly TimeSpan _longest;
    private readonly Random _random;
    private TimeSpan _next;

    /// <summary>Begins with the shortest pause.</summary>
    /// <param name="first">The first pause.</param>
    /// <param name="longest">No pause is longer.</param>
    /// <param name="random">For the random part. Default: the loop's.</param>
    internal Backoff(TimeSpan first, TimeSpan longest, Random? random = null)
    {
        _first = _next = first < longest ? first : longest;
        _longest = longest;
        _random = random ?? EventLoop.Current.Random;
    }

    /// <summary>The next pause: between half of it and all of it.</summary>
    internal TimeSpan Next()
    {
        TimeSpan pause = _next * (0.5 + (_random.NextDouble() / 2));
        _next = _next * 2 < _longest ? _next * 2 : _longest;
        return pause;
    }

    /// <summary>It worked: begins with the shortest again.</summary>
    internal void Reset() => _next = _first;
}
