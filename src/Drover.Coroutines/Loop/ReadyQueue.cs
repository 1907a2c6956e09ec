using System.Runtime.CompilerServices;

namespace Drover.Coroutines;

/// <summary>
/// What is ready to run, first come first served; with a seed, the next one is drawn from it instead.
/// </summary>
/// <remarks>
/// A chain of fixed segments, not one ring that doubles: a million entries then cost what they are, without a
/// copy and without an abandoned large array. One emptied segment is kept for reuse.
/// </remarks>
internal sealed class ReadyQueue
{
    private Segment _head = new();
    private Segment _tail;
    private Segment? _spare;
    private int _read;
    private int _written;

    internal ReadyQueue() => _tail = _head;

    internal int Count { get; private set; }

    internal void Enqueue(in ReadyEntry entry)
    {
        if (_written == Segment.Size)
        {
            Grow();
        }

        _tail.Entries[_written++] = entry;
        Count++;
    }

    internal ReadyEntry Dequeue()
    {
        if (_read == Segment.Size)
        {
            Advance();
        }

        ref ReadyEntry slot = ref _head.Entries[_read++];
        ReadyEntry entry = slot;
        slot = default;
        Count--;
        return entry;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow()
    {
        Segment next = _spare ?? new Segment();
        _spare = null;
        _tail.Next = next;
        _tail = next;
        _written = 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Advance()
    {
        Segment empty = _head;
        _head = empty.Next!;
        empty.Next = null;
        _spare = empty;
        _read = 0;
    }

    private sealed class Segment
    {
        internal const int Size = 256;
        internal readonly ReadyEntry[] Entries = new ReadyEntry[Size];
        internal Segment? Next;
    }
}
