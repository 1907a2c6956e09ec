namespace Drover.Client.Transfers;

/// <summary>Counts what is transferred and tells of it a few times a second. Any thread counts.</summary>
internal sealed class TransferMeter(IProgress<TransferProgress>? progress, TimeProvider time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Queue<(long At, long Bytes)> _samples = new();
    private long _bytes;
    private long _moved;
    private int _files;
    private long _lastTold = long.MinValue;

    /// <summary>How much there will be.</summary>
    public (long? Bytes, int? Files) Total { get; set; }

    /// <summary>Bytes were transferred just now.</summary>
    public void Moved(long bytes) => Count(bytes, 0, moved: true);

    /// <summary>Files are complete.</summary>
    public void Completed(int files) => Count(0, files, moved: false);

    /// <summary>What need not be transferred.</summary>
    public void WasThere(long bytes, int files) => Count(bytes, files, moved: false);

    /// <summary>It begins again: what was counted since does not count.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            (_bytes, _files) = (0, 0);
        }
    }

    /// <summary>Tells how it is at the end.</summary>
    public void Finish()
    {
        lock (_lock)
        {
            Tell(time.GetTimestamp());
        }
    }

    private void Count(long bytes, int files, bool moved)
    {
        if (progress is null)
        {
            return;
        }

        lock (_lock)
        {
            _bytes += bytes;
            _files += files;
            _moved += moved ? bytes : 0;
            long now = time.GetTimestamp();
            if (_lastTold == long.MinValue || time.GetElapsedTime(_lastTold, now) >= s_pause)
            {
                Tell(now);
            }
        }
    }

    /// <summary>In order, because it is told under the lock.</summary>
    private void Tell(long now)
    {
        _lastTold = now;
        while (_samples.Count > 1 && time.GetElapsedTime(_samples.Peek().At, now) > s_window)
        {
            _samples.Dequeue();
        }

        (long since, long before) = _samples.Count > 0 ? _samples.Peek() : (now, 0);
        _samples.Enqueue((now, _moved));
        double seconds = time.GetElapsedTime(since, now).TotalSeconds;
        double rate = seconds > 0 ? (_moved - before) / seconds : 0;
        long? left = Total.Bytes - _bytes;
        TimeSpan? remaining = left is <= 0 ? TimeSpan.Zero : left / rate is { } rest && rest < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(rest) : null;
        progress?.Report(new TransferProgress(_bytes, Total.Bytes, _files, Total.Files, rate, remaining));
    }
}
