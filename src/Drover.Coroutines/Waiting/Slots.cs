using System.Diagnostics.CodeAnalysis;

namespace Drover.Coroutines;

/// <summary>
/// A countable right to use something: CPUs, connections, places in a queue. A lease takes one or more and gives them
/// back when disposed. First come first served: a small demand does not pass a large one that waits. Closing leaves the
/// leases that are held valid.
/// </summary>
public sealed class Slots : Closable
{
    private readonly ParkingLot _waiters;
    private readonly LinkedList<SlotLease> _leases = new();

    /// <summary>Makes slots, all free.</summary>
    /// <param name="capacity">How many there are.</param>
    /// <param name="name">Their name in the tree.</param>
    /// <param name="owner">The lifetime that closes them when it ends.</param>
    public Slots(int capacity, string? name = null, Lifetime? owner = null)
        : base(EventLoop.CurrentOrNull, name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Capacity = Free = capacity;
        _waiters = new ParkingLot(this, "acquire");
        owner?.Own(this);
    }

    /// <summary>How many there are.</summary>
    public int Capacity { get; private set; }

    /// <summary>How many are free: below zero after the capacity was lowered under what is leased.</summary>
    public int Free { get; private set; }

    private protected override string Kind => "slots";

    /// <summary>
    /// Takes <paramref name="demand"/> slots when that needs no waiting: they are free and nobody waits before. False
    /// otherwise, and when the slots are closed.
    /// </summary>
    /// <param name="lease">The lease, to be disposed.</param>
    /// <param name="demand">How many, at most the capacity.</param>
    /// <param name="situation">Words for the statistics, kept while the lease is held.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than there are could never be granted.</exception>
    /// <exception cref="InvalidOperationException">No coroutine runs here, which could hold them.</exception>
    public bool TryAcquire([MaybeNullWhen(false)] out SlotLease lease, int demand = 1, string? situation = null)
    {
        CheckLoop();
        Check(demand);
        lease = !IsClosed && CanGrant(demand) ? Grant(demand, CancelScope.Current.Owner!, situation) : null;
        return lease is not null;
    }

    /// <summary>Takes <paramref name="demand"/> slots; waits until they are free and all who came before are served.</summary>
    /// <param name="demand">How many, at most the capacity.</param>
    /// <param name="situation">Words for the tree and the statistics, kept while the lease is held.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than there are could never be granted.</exception>
    /// <exception cref="ScopeCanceledException">The scope is canceled; nothing was taken.</exception>
    /// <exception cref="ClosedException">The slots are closed.</exception>
    public ValueTask<SlotLease> AcquireAsync(int demand = 1, string? situation = null) =>
        TryAcquireAtOnce(demand, situation, out CancelScope scope, out SlotLease? lease)
            ? new ValueTask<SlotLease>(lease)
            : WaitToAcquire(demand, scope, situation).AsValue();

    /// <summary>As <see cref="AcquireAsync"/>, but cancellation and closing are outcomes and not thrown.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than there are could never be granted.</exception>
    public ValueTask<Outcome<SlotLease>> TryAcquireAsync(int demand = 1, string? situation = null) =>
        TryAcquireAtOnce(demand, situation, out CancelScope scope, out SlotLease? lease)
            ? new ValueTask<Outcome<SlotLease>>(new Outcome<SlotLease>(lease))
            : WaitToAcquire(demand, scope, situation).AsValueOutcome();

    /// <summary>
    /// Changes how many there are. Leases stay; with fewer slots the next is granted when enough have come back.
    /// Waiters who ask for more than there now are wait until there are more again. Does not block.
    /// </summary>
    /// <param name="capacity">How many there are from now on; not negative.</param>
    public void Resize(int capacity)
    {
        CheckLoop();
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Free += capacity - Capacity;
        Capacity = capacity;
        Serve();
    }

    /// <summary>Who holds slots and who waits, oldest first, with their situations.</summary>
    public SlotStatistics Statistics()
    {
        CheckLoop();
        return new SlotStatistics(
            Capacity,
            Free,
            [.. _leases.Select(lease => new SlotUser(lease.Holder, lease.Count, lease.Situation, lease.Age))],
            [.. _waiters.InOrder().Select(wait => new SlotUser(
                wait.Scope.Owner!.Name, wait.Demand, wait.Situation, TimeSpan.FromTicks((wait.Loop.Clock.Now - wait.Since) / Durations.NanosecondsPerTick)))]);
    }

    internal override void WaiterLeft() => Serve(); // It may have been the large one that kept the others waiting.

    internal void Release(SlotLease lease, LinkedListNode<SlotLease> place)
    {
        CheckLoop();
        _leases.Remove(place);
        Free += lease.Count;
        Serve();
    }

    private protected override void CloseWaits(CancelReason.OwnerClosed reason) => _waiters.RefuseAll(reason);

    private bool TryAcquireAtOnce(int demand, string? situation, out CancelScope scope, [MaybeNullWhen(false)] out SlotLease lease)
    {
        scope = EnterWait();
        Check(demand);
        lease = !scope.IsCanceled && !IsClosed && scope.Loop.MayGoOn() && CanGrant(demand) ? Grant(demand, scope.Owner!, situation) : null;
        return lease is not null;
    }

    private ParkedWait<SlotLease> WaitToAcquire(int demand, CancelScope scope, string? situation)
    {
        if (scope.Origin is { } origin)
        {
            return ParkedWait<SlotLease>.Refused(_waiters, scope, situation, origin);
        }

        if (ClosedBecause is { } closed)
        {
            return ParkedWait<SlotLease>.Refused(_waiters, scope, situation, closed);
        }

        if (CanGrant(demand))
        {
            return ParkedWait<SlotLease>.Over(_waiters, scope, situation, Grant(demand, scope.Owner!, situation));
        }

        ParkedWait<SlotLease> wait = ParkedWait<SlotLease>.Park(_waiters, scope, situation);
        wait.Demand = demand;
        return wait;
    }

    private void Check(int demand)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(demand, 1);
        if (demand > Capacity)
        {
            throw new ArgumentOutOfRangeException(nameof(demand), demand, $"{this} are {Capacity}: {demand} can never be granted.");
        }
    }

    private bool CanGrant(int demand) => demand <= Free && _waiters.IsEmpty;

    private void Serve()
    {
        while (_waiters.First is ParkedWait<SlotLease> first && first.Demand <= Free)
        {
            _waiters.Remove(first);
            first.Complete(Grant(first.Demand, first.Scope.Owner!, first.Situation));
        }
    }

    private SlotLease Grant(int demand, Coroutine holder, string? situation)
    {
        Free -= demand;
        var lease = new SlotLease(this, demand, holder, situation);
        lease.Place = _leases.AddLast(lease);
        return lease;
    }
}

/// <summary>Slots at one moment.</summary>
/// <param name="Capacity">How many there are.</param>
/// <param name="Free">How many are free.</param>
/// <param name="Holders">Who holds some, oldest first.</param>
/// <param name="Waiters">Who waits, next to be served first.</param>
public sealed record SlotStatistics(int Capacity, int Free, IReadOnlyList<SlotUser> Holders, IReadOnlyList<SlotUser> Waiters);

/// <summary>Somebody who holds or waits for slots.</summary>
/// <param name="Coroutine">The name of the coroutine that asked.</param>
/// <param name="Demand">How many.</param>
/// <param name="Situation">Its words, or null.</param>
/// <param name="For">For how long it has held or waited.</param>
public sealed record SlotUser(string Coroutine, int Demand, string? Situation, TimeSpan For);
