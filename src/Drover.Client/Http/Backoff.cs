namespace Drover.Client.Http;

/// <summary>Growing, jittered pauses between tries: 50 ms doubling to 2 s, each between half and all of that.</summary>
internal sealed class Backoff(TimeProvider time, TimeSpan patience)
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(2);

    private TimeSpan _next = s_first;
    private long _since = -1;

    /// <summary>Whether something has gone wrong since the last success.</summary>
    public bool IsTrying => _since >= 0;

    /// <summary>It works: the next trouble begins with a short pause and the whole patience.</summary>
    public void Succeeded()
    {
        _next = s_first;
        _since = -1;
    }

    /// <summary>Waits before the next try. False, at once, when the patience is used up.</summary>
    public async ValueTask<bool> TryPauseAsync(CancellationToken cancellationToken)
    {
        if (_since < 0)
        {
            _since = time.GetTimestamp();
        }

        // A pause never goes far beyond the patience, so that the last try comes at about its end.
        TimeSpan left = patience == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : patience - time.GetElapsedTime(_since);
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        TimeSpan pause = _next * (0.5 + (0.5 * Random.Shared.NextDouble()));
        await Task.Delay(pause < left ? pause : left, time, cancellationToken);
        _next = _next * 2 < s_longest ? _next * 2 : s_longest;
        return true;
    }
}
