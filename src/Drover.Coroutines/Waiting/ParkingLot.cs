namespace Drover.Coroutines;

/// <summary>
/// A queue of waits, served first come first served. Every primitive parks its waiters here; a wait leaves by being
/// served, refused or canceled, in one step on the loop's thread.
/// </summary>
/// <remarks>
/// The idea and the name are Trio's, and before it WebKit's. The waits are linked through themselves, so parking
/// allocates nothing and a canceled waiter leaves from the middle at once.
/// </remarks>
/// <param name="owner">Whose waiters they are.</param>
/// <param name="verb">What they do there: "receive from", …</param>
internal sealed class ParkingLot(Closable owner, string verb)
{
    private const int KeptForReuse = 32;
    private ParkedWait? _first;
    private ParkedWait? _last;
    private ParkedWait? _free;
    private int _freeCount;

    internal int Count { get; private set; }

    internal bool IsEmpty => _first is null;

    /// <summary>The wait that is served next.</summary>
    internal ParkedWait? First => _first;

    internal string Description => $"{verb} {owner}";

    internal Closable Owner => owner;

    internal ParkedWait? Rent()
    {
        if (_free is not { } node)
        {
            return null;
        }

        _free = node.Next;
        node.Next = null;
        _freeCount--;
        return node;
    }

    internal void Return(ParkedWait node)
    {
        if (_freeCount < KeptForReuse)
        {
            node.Next = _free;
            _free = node;
            _freeCount++;
        }
    }

    internal void Park(ParkedWait node)
    {
        node.Previous = _last;
        if (_last is null)
        {
            _first = node;
        }
        else
        {
            _last.Next = node;
        }

        _last = node;
        Count++;
    }

    internal void Remove(ParkedWait node)
    {
        if (node.Previous is null)
        {
            _first = node.Next;
        }
        else
        {
            node.Previous.Next = node.Next;
        }

        if (node.Next is null)
        {
            _last = node.Previous;
        }
        else
        {
            node.Next.Previous = node.Previous;
        }

        node.Previous = node.Next = null;
        Count--;
    }

    internal ParkedWait TakeFirst()
    {
        ParkedWait node = _first!;
        Remove(node);
        return node;
    }

    internal void CompleteAll()
    {
        while (!IsEmpty)
        {
            TakeFirst().Complete();
        }
    }

    internal void RefuseAll(object why)
    {
        while (!IsEmpty)
        {
            TakeFirst().Refuse(why);
        }
    }

    internal IEnumerable<ParkedWait> InOrder()
    {
        for (ParkedWait? node = _first; node is not null; node = node.Next)
        {
            yield return node;
        }
    }
}
