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

    /// <summary>The scope whose entry was taken last and not yet cleared: what runs now. Other threads may look, too.</summary>
    internal CancelScope? Running => _read == 0 ? null : _head.Entries[_read - 1].Scope;

    internal void Enqueue(CancelScope? scope, Delegate callback, object? state)
    {
        if (_written == Segment.Size)
        {
            Grow();
        }

        ref ReadyEntry slot = ref _tail.Entries[_written++];
        slot.Scope = scope;
        slot.Callback = callback;
        if (state is not null)
        {
            slot.State = state; // The slot is clear; each reference that is not written saves a write barrier.
        }

        Count++;
    }

    /// <summary>The place of the oldest entry. It stays until the caller clears it, once it has run.</summary>
    internal ref ReadyEntry Dequeue()
    {
        if (_read == Segment.Size)
        {
            Advance();
        }

        Count--;
        return ref _head.Entries[_read++];
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
