using System.Collections.Concurrent;

namespace Drover.Coroutines;

/// <summary>What other threads bring to a loop, and whether the loop sleeps and has to be woken for it.</summary>
internal sealed class Inbox
{
    private readonly ConcurrentQueue<ReadyEntry> _entries = new();
    private int _sleeping;

    internal bool IsEmpty => _entries.IsEmpty;

    /// <summary>Adds; true when the loop sleeps and this caller is the one to wake it. From any thread.</summary>
    internal bool Add(in ReadyEntry entry)
    {
        _entries.Enqueue(entry);
        Interlocked.MemoryBarrier(); // With the one in TryBeginSleep: either the loop sees the entry, or we see it asleep.
        return Volatile.Read(ref _sleeping) != 0 && Interlocked.Exchange(ref _sleeping, 0) != 0;
    }

    internal bool TryTake(out ReadyEntry entry) => _entries.TryDequeue(out entry);

    /// <summary>False when something has come meanwhile: the loop must not sleep.</summary>
    internal bool TryBeginSleep()
    {
        Interlocked.Exchange(ref _sleeping, 1);
        if (_entries.IsEmpty)
        {
            return true;
        }

        EndSleep();
        return false;
    }

    internal void EndSleep() => Volatile.Write(ref _sleeping, 0);
}
