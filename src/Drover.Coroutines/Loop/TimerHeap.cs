using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Drover.Coroutines;

/// <summary>
/// Timers ordered by (deadline, order of setting). An intrusive heap with four children a node: the keys stand in
/// the array itself, so a comparison touches no timer, and most additions and removals touch one cache line.
/// </summary>
internal sealed class TimerHeap
{
    private const int Arity = 4;
    private Entry[] _entries = new Entry[16];
    private long _sequence;

    internal int Count { get; private set; }

    /// <summary>The earliest deadline, or <see cref="Durations.Never"/>.</summary>
    internal long Earliest => Count == 0 ? Durations.Never : _entries[0].Deadline;

    internal long DeadlineOf(LoopTimer timer) => timer.IsSet ? _entries[timer.HeapIndex].Deadline : Durations.Never;

    internal void Add(LoopTimer timer, long deadline)
    {
        Debug.Assert(!timer.IsSet, "A timer is set once at a time.");
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        int index = Count++;
        var entry = new Entry(deadline, ++_sequence, timer);
        if (index == 0 || deadline >= _entries[(index - 1) / Arity].Deadline)
        {
            Place(index, entry); // The usual case; of equal deadlines the later one comes later.
        }
        else
        {
            SiftUp(index, entry);
        }
    }

    internal void Remove(LoopTimer timer)
    {
        int index = timer.HeapIndex;
        if (index == LoopTimer.NotSet)
        {
            return;
        }

        timer.HeapIndex = LoopTimer.NotSet;
        Entry last = _entries[--Count];
        _entries[Count] = default;
        if (index == Count)
        {
            return;
        }

        if (index > 0 && last.IsBefore(_entries[(index - 1) / Arity]))
        {
            SiftUp(index, last);
        }
        else
        {
            SiftDown(index, last);
        }
    }

    internal LoopTimer RemoveEarliest()
    {
        LoopTimer timer = _entries[0].Timer;
        Remove(timer);
        return timer;
    }

    private void SiftUp(int index, in Entry entry)
    {
        while (index > 0)
        {
            int parent = (index - 1) / Arity;
            if (!entry.IsBefore(_entries[parent]))
            {
                break;
            }

            Place(index, _entries[parent]);
            index = parent;
        }

        Place(index, entry);
    }

    private void SiftDown(int index, in Entry entry)
    {
        while (true)
        {
            int first = (index * Arity) + 1;
            if (first >= Count)
            {
                break;
            }

            int least = first;
            int end = Math.Min(first + Arity, Count);
            for (int child = first + 1; child < end; child++)
            {
                if (_entries[child].IsBefore(_entries[least]))
                {
                    least = child;
                }
            }

            if (!_entries[least].IsBefore(entry))
            {
                break;
            }

            Place(index, _entries[least]);
            index = least;
        }

        Place(index, entry);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Place(int index, in Entry entry)
    {
        _entries[index] = entry;
        entry.Timer.HeapIndex = index;
    }

    private readonly struct Entry(long deadline, long sequence, LoopTimer timer)
    {
        internal readonly long Deadline = deadline;
        internal readonly LoopTimer Timer = timer;
        private readonly long _sequence = sequence;

        internal bool IsBefore(in Entry other) =>
            Deadline < other.Deadline || (Deadline == other.Deadline && _sequence < other._sequence);
    }
}
