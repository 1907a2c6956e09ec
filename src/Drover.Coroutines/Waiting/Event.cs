namespace Drover.Coroutines;

/// <summary>
/// Something that has happened or has not: coroutines wait until it is set. It stays set until it is reset, also when it
/// is closed.
/// </summary>
public sealed class Event : Closable
{
    private readonly ParkingLot _waiters;

    /// <summary>Makes an event that is not set.</summary>
    /// <param name="name">Its name in the tree.</param>
    /// <param name="owner">The lifetime that closes it when it ends.</param>
    public Event(string? name = null, Lifetime? owner = null)
        : base(EventLoop.CurrentOrNull, name)
    {
        _waiters = new ParkingLot(this, "wait for");
        owner?.Own(this);
    }

    /// <summary>Whether it is set.</summary>
    public bool IsSet { get; private set; }

    /// <summary>How many coroutines wait for it.</summary>
    public int Waiting => _waiters.Count;

    private protected override string Kind => "event";

    /// <summary>Sets it and wakes everyone who waits, in the order of their coming. Does not block; again it does nothing.</summary>
    public void Set()
    {
        CheckLoop();
        if (IsClosed)
        {
            return; // Those who come later are to see the closing.
        }

        IsSet = true;
        _waiters.CompleteAll();
    }

    /// <summary>From now on one has to wait again. Does not block; who was woken already goes on.</summary>
    public void Reset()
    {
        CheckLoop();
        IsSet = false;
    }

    /// <summary>Waits until it is set.</summary>
    /// <param name="situation">Words for the tree.</param>
    /// <exception cref="ScopeCanceledException">The scope is canceled.</exception>
    /// <exception cref="ClosedException">The event is closed and was not set before.</exception>
    public ValueTask WaitAsync(string? situation = null) =>
        TryWithoutWaiting(out CancelScope scope) ? default : Wait(scope, situation).AsValueTask();

    /// <summary>As <see cref="WaitAsync"/>, but cancellation and closing are outcomes and not thrown.</summary>
    public ValueTask<Outcome> TryWaitAsync(string? situation = null) =>
        TryWithoutWaiting(out CancelScope scope) ? default : Wait(scope, situation).AsOutcome();

    private protected override void CloseWaits(CancelReason.OwnerClosed reason) => _waiters.RefuseAll(reason);

    private bool TryWithoutWaiting(out CancelScope scope)
    {
        scope = EnterWait();
        return IsSet && !scope.IsCanceled && scope.Loop.MayGoOn();
    }

    private ParkedWait Wait(CancelScope scope, string? situation) => scope.Origin is { } origin
        ? ParkedWait.Refused(_waiters, scope, situation, origin)
        : IsSet ? ParkedWait.Over(_waiters, scope, situation)
        : ClosedBecause is { } closed ? ParkedWait.Refused(_waiters, scope, situation, closed)
        : ParkedWait.Park(_waiters, scope, situation);
}
