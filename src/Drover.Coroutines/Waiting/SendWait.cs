namespace Drover.Coroutines;

/// <summary>A wait that carries an item into a channel and brings nothing back.</summary>
internal sealed class SendWait<T> : ParkedWait
{
    /// <summary>The item, until somebody takes it.</summary>
    internal T? Item;

    internal static SendWait<T> Park(ParkingLot lot, CancelScope scope, string? situation, T item)
    {
        var node = (SendWait<T>?)lot.Rent() ?? new SendWait<T>();
        node.Item = item;
        node.Enter(lot, scope, situation);
        return node;
    }

    internal static new SendWait<T> Refused(ParkingLot lot, CancelScope scope, string? situation, object why)
    {
        var node = (SendWait<T>?)lot.Rent() ?? new SendWait<T>();
        node.EnterRefused(lot, scope, situation, why);
        return node;
    }

    internal static new SendWait<T> Over(ParkingLot lot, CancelScope scope, string? situation)
    {
        var node = (SendWait<T>?)lot.Rent() ?? new SendWait<T>();
        node.EnterOver(lot, scope, situation);
        return node;
    }

    internal T Take()
    {
        T item = Item!;
        Item = default;
        Complete();
        return item;
    }

    private protected override void Recycle()
    {
        Item = default;
        base.Recycle();
    }
}
