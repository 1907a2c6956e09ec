using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Drover.Coroutines;

/// <summary>
/// A queue between coroutines of one loop. It holds at most its capacity: who sends more waits. Items come out in the
/// order in which they went in, and who came first is served first, on both sides.
/// </summary>
/// <typeparam name="T">The type of the items.</typeparam>
/// <remarks>
/// After closing, what was accepted can still be received; then receivers see the closing. An item is accepted when its
/// send has ended without an error, and then somebody receives it or it is still there.
/// </remarks>
public sealed class Channel<T> : Closable, IAsyncEnumerable<T>
{
    private readonly ParkingLot _senders;
    private readonly ParkingLot _receivers;
    private readonly Queue<T> _items = new();

    /// <summary>Makes a channel.</summary>
    /// <param name="capacity">How many items it holds; with 0 a send waits for its receiver.</param>
    /// <param name="name">Its name in the tree.</param>
    /// <param name="owner">The lifetime that closes it when it ends.</param>
    public Channel(int capacity, string? name = null, Lifetime? owner = null)
        : base(EventLoop.CurrentOrNull, name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Capacity = capacity;
        _senders = new ParkingLot(this, "send to");
        _receivers = new ParkingLot(this, "receive from");
        owner?.Own(this);
    }

    /// <summary>How many items it holds.</summary>
    public int Capacity { get; }

    /// <summary>How many items are in it.</summary>
    public int Count => _items.Count;

    private protected override string Kind => "channel";

    /// <summary>Puts an item in, when that needs no waiting. False when the channel is full or closed.</summary>
    public bool TrySend(T item)
    {
        CheckLoop();
        return !IsClosed && TryPut(item);
    }

    /// <summary>Puts an item in; waits while the channel is full.</summary>
    /// <param name="item">The item. It is not in the channel when this throws.</param>
    /// <param name="situation">Words for the tree.</param>
    /// <exception cref="ScopeCanceledException">The scope is canceled.</exception>
    /// <exception cref="ClosedException">The channel is closed.</exception>
    public ValueTask SendAsync(T item, string? situation = null) =>
        TrySendAtOnce(item, out CancelScope scope) ? default : WaitToSend(item, scope, situation).AsValueTask();

    /// <summary>As <see cref="SendAsync"/>, but cancellation and closing are outcomes and not thrown.</summary>
    public ValueTask<Outcome> TrySendAsync(T item, string? situation = null) =>
        TrySendAtOnce(item, out CancelScope scope) ? default : WaitToSend(item, scope, situation).AsOutcome();

    /// <summary>Takes an item, when that needs no waiting. False when there is none.</summary>
    public bool TryReceive([MaybeNullWhen(false)] out T item)
    {
        CheckLoop();
        return TryTake(out item);
    }

    /// <summary>Takes the oldest item; waits while there is none.</summary>
    /// <param name="situation">Words for the tree.</param>
    /// <exception cref="ScopeCanceledException">The scope is canceled; no item was taken.</exception>
    /// <exception cref="ClosedException">The channel is closed and empty.</exception>
    public ValueTask<T> ReceiveAsync(string? situation = null) =>
        TryReceiveAtOnce(out CancelScope scope, out T? item) ? new ValueTask<T>(item) : WaitToReceive(scope, situation).AsValue();

    /// <summary>As <see cref="ReceiveAsync"/>, but cancellation and closing are outcomes and not thrown.</summary>
    public ValueTask<Outcome<T>> TryReceiveAsync(string? situation = null) => TryReceiveAtOnce(out CancelScope scope, out T? item)
        ? new ValueTask<Outcome<T>>(new Outcome<T>(item))
        : WaitToReceive(scope, situation).AsValueOutcome();

    /// <summary>
    /// Receives until the channel is closed and empty: <c>await foreach</c> ends then, for whatever reason it was
    /// closed. Several may enumerate at once; each item goes to one of them.
    /// </summary>
    /// <param name="cancellationToken">Not needed: the scope cancels. A token given here is looked at before each item.</param>
    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Outcome<T> received = await TryReceiveAsync();
            if (received.Reason is CancelReason.OwnerClosed && ReferenceEquals(received.Reason, ClosedBecause) && Count == 0)
            {
                // With items left it is this code that is canceled, by the same lifetime that closed the channel.
                yield break;
            }

            if (!received.HasValue)
            {
                CancelScope.Current.ThrowIfCanceled();
            }

            yield return received.Value;
        }
    }

    /// <summary>What is in the channel and who waits, at this moment.</summary>
    public ChannelStatistics Statistics()
    {
        CheckLoop();
        return new ChannelStatistics(Capacity, _items.Count, _senders.Count, _receivers.Count, IsClosed);
    }

    private protected override void CloseWaits(CancelReason.OwnerClosed reason)
    {
        _senders.RefuseAll(reason);
        _receivers.RefuseAll(reason);
    }

    private bool TrySendAtOnce(T item, out CancelScope scope)
    {
        scope = EnterWait();
        return !scope.IsCanceled && !IsClosed && scope.Loop.MayGoOn() && TryPut(item);
    }

    private bool TryReceiveAtOnce(out CancelScope scope, [MaybeNullWhen(false)] out T item)
    {
        scope = EnterWait();
        item = default;
        return !scope.IsCanceled && scope.Loop.MayGoOn() && TryTake(out item);
    }

    private SendWait<T> WaitToSend(T item, CancelScope scope, string? situation)
    {
        if (scope.Origin is { } origin)
        {
            return SendWait<T>.Refused(_senders, scope, situation, origin);
        }

        if (ClosedBecause is { } closed)
        {
            return SendWait<T>.Refused(_senders, scope, situation, closed);
        }

        if (TryPut(item))
        {
            return SendWait<T>.Over(_senders, scope, situation);
        }

        return SendWait<T>.Park(_senders, scope, situation, item);
    }

    private ParkedWait<T> WaitToReceive(CancelScope scope, string? situation)
    {
        if (scope.Origin is { } origin)
        {
            return ParkedWait<T>.Refused(_receivers, scope, situation, origin);
        }

        if (TryTake(out T? item))
        {
            return ParkedWait<T>.Over(_receivers, scope, situation, item);
        }

        return ClosedBecause is { } closed
            ? ParkedWait<T>.Refused(_receivers, scope, situation, closed)
            : ParkedWait<T>.Park(_receivers, scope, situation);
    }

    private bool TryPut(T item)
    {
        AssertInvariants();
        if (!_receivers.IsEmpty)
        {
            Unsafe.As<ParkedWait<T>>(_receivers.TakeFirst()).Complete(item);
            return true;
        }

        if (_items.Count < Capacity)
        {
            _items.Enqueue(item);
            return true;
        }

        return false;
    }

    private bool TryTake([MaybeNullWhen(false)] out T item)
    {
        AssertInvariants();
        if (_items.TryDequeue(out item))
        {
            if (!_senders.IsEmpty)
            {
                _items.Enqueue(TakeFromSender());
            }

            return true;
        }

        if (!_senders.IsEmpty)
        {
            item = TakeFromSender(); // Capacity 0: hand to hand.
            return true;
        }

        return false;
    }

    private T TakeFromSender() => Unsafe.As<SendWait<T>>(_senders.TakeFirst()).Take();

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        Debug.Assert(_items.Count <= Capacity, "No more than the capacity.");
        Debug.Assert(_receivers.IsEmpty || (_items.Count == 0 && _senders.IsEmpty), "Nobody waits for what is there.");
        Debug.Assert(_senders.IsEmpty || _items.Count == Capacity, "Nobody waits to send while there is room.");
        Debug.Assert(!IsClosed || (_senders.IsEmpty && _receivers.IsEmpty), "Nobody waits on what is closed.");
    }
}

/// <summary>A channel at one moment.</summary>
/// <param name="Capacity">How many items it holds.</param>
/// <param name="Items">How many are in it.</param>
/// <param name="Senders">How many coroutines wait to send.</param>
/// <param name="Receivers">How many coroutines wait to receive.</param>
/// <param name="IsClosed">Whether it is closed.</param>
public sealed record ChannelStatistics(int Capacity, int Items, int Senders, int Receivers, bool IsClosed);
