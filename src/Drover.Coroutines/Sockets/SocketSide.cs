namespace Drover.Coroutines;

/// <summary>
/// One direction of a <see cref="LoopSocket"/>: whether it may be ready, and the coroutine that waits until it is.
/// </summary>
/// <remarks>
/// The kernel tells changes only. So a side counts as ready until a call would have blocked; from then on the next
/// change is certain to be told.
/// </remarks>
internal sealed class SocketSide : Closable
{
    private readonly ParkingLot _waiter;
    private readonly EventLoop _loop;
    private bool _isOver;

    /// <param name="loop">The socket's loop.</param>
    /// <param name="name">"input" or "output".</param>
    internal SocketSide(EventLoop loop, string name)
        : base(loop, name)
    {
        _loop = loop;
        _waiter = new ParkingLot(this, "wait for");
    }

    /// <summary>False when a call would block for certain.</summary>
    internal bool MayBeReady { get; private set; } = true;

    private protected override string Kind => "socket";

    /// <summary>Begins a call and returns the scope of the code that makes it.</summary>
    /// <exception cref="InvalidOperationException">Another coroutine waits in one.</exception>
    internal CancelScope Enter()
    {
        CancelScope scope = EnterWait();
        return _waiter.IsEmpty
            ? scope
            : throw new InvalidOperationException($"Another coroutine waits to {_waiter.Description} already; one at a time can.");
    }

    /// <exception cref="ClosedException">The socket was disposed meanwhile.</exception>
    internal void ThrowIfClosed()
    {
        if (ClosedBecause is { } closed)
        {
            throw new ClosedException(closed);
        }
    }

    /// <summary>A call would have blocked.</summary>
    internal void WouldBlock() => MayBeReady = false;

    /// <summary>
    /// A call took all that was there. The next would block, unless the other side has hung up: that change was told
    /// already and does not come again.
    /// </summary>
    internal void IsDrained() => MayBeReady = _isOver;

    internal void Changed(bool isOver)
    {
        MayBeReady = true;
        _isOver |= isOver;
        if (!_waiter.IsEmpty)
        {
            _loop.OutsideWaits--;
            _waiter.TakeFirst().Complete();
        }
    }

    /// <summary>Waits until the side may be ready, and gives others a turn in any case.</summary>
    internal ValueTask ReadyAsync()
    {
        CancelScope scope = EnterWait();
        if (scope.Origin is { } origin)
        {
            return ParkedWait.Refused(_waiter, scope, null, origin).AsValueTask();
        }

        if (ClosedBecause is { } closed)
        {
            return ParkedWait.Refused(_waiter, scope, null, closed).AsValueTask();
        }

        if (MayBeReady)
        {
            return ParkedWait.Over(_waiter, scope, null).AsValueTask();
        }

        _loop.OutsideWaits++;
        return ParkedWait.Park(_waiter, scope, null).AsValueTask();
    }

    internal override void WaiterLeft() => _loop.OutsideWaits--;

    private protected override void CloseWaits(CancelReason.OwnerClosed reason)
    {
        _loop.OutsideWaits -= _waiter.Count;
        _waiter.RefuseAll(reason);
    }
}
