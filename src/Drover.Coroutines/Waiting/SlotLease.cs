namespace Drover.Coroutines;

/// <summary>Slots that somebody holds. Dispose it to give them back: <c>using var lease = await slots.AcquireAsync(4);</c></summary>
public sealed class SlotLease : IDisposable
{
    private readonly Slots _slots;
    private readonly long _since;
    private readonly EventLoop _loop;

    internal SlotLease(Slots slots, int count, Coroutine holder, string? situation)
    {
        _slots = slots;
        _loop = holder.Loop;
        _since = _loop.Tick;
        Count = count;
        Holder = holder.Name;
        Situation = situation;
    }

    /// <summary>How many.</summary>
    public int Count { get; }

    /// <summary>The name of the coroutine that asked for them.</summary>
    public string Holder { get; }

    /// <summary>What they are held for, in words; may be changed while they are held.</summary>
    public string? Situation { get; set; }

    /// <summary>For how long they are held.</summary>
    public TimeSpan Age => TimeSpan.FromTicks((_loop.Clock.Now - _since) / Durations.NanosecondsPerTick);

    internal LinkedListNode<SlotLease>? Place { get; set; }

    /// <summary>Gives the slots back and serves who waits. Does not block; again it does nothing.</summary>
    /// <exception cref="WrongLoopException">The calling code is not on the loop of the slots; they are still held.</exception>
    public void Dispose()
    {
        if (Place is { } place)
        {
            Place = null;
            if (!_loop.IsOver)
            {
                _slots.Release(this, place);
            }
        }
    }
}
