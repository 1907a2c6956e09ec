namespace Drover.Coroutines;

/// <summary>
/// Draws the next ready entry from a seed instead of serving the first: every order it makes is one that could
/// happen, and the same seed makes the same one. The hash tells two orders apart.
/// </summary>
/// <remarks>SplitMix64 (Steele, Lea, Flood 2014), because its sequence is fixed for all versions of .NET.</remarks>
internal sealed class SeededOrder(ulong seed)
{
    private readonly List<ReadyEntry> _entries = [];
    private ulong _state = seed;

    /// <summary>What ran so far, in order, as one number.</summary>
    internal ulong TraceHash { get; private set; } = 0xCBF29CE484222325;

    internal int Count => _entries.Count;

    internal void Enqueue(in ReadyEntry entry) => _entries.Add(entry);

    internal ReadyEntry Dequeue()
    {
        int last = _entries.Count - 1;
        int drawn = (int)(Next() % (ulong)_entries.Count);
        ReadyEntry entry = _entries[drawn];
        _entries[drawn] = _entries[last];
        _entries.RemoveAt(last);
        return entry;
    }

    /// <summary>Mixes a fact of the run (which coroutine ran, at which time) into the hash.</summary>
    internal void Trace(long fact) => TraceHash = Mix(TraceHash ^ (ulong)fact);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);
}
