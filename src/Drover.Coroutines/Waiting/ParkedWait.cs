using System.Threading.Tasks.Sources;

namespace Drover.Coroutines;

/// <summary>A wait in a <see cref="ParkingLot"/>.</summary>
internal class ParkedWait : WaitNode
{
    internal ParkedWait? Previous;
    internal ParkedWait? Next;
    internal ParkingLot Lot = null!;

    /// <summary>How much it asks for, where there is more than one of it.</summary>
    internal int Demand;

    /// <summary>Parks a wait without a value.</summary>
    internal static ParkedWait Park(ParkingLot lot, CancelScope scope, string? situation)
    {
        ParkedWait node = lot.Rent() ?? new ParkedWait();
        node.Enter(lot, scope, situation);
        return node;
    }

    /// <summary>A wait that ends as <paramref name="why"/> says, after others have had their turn.</summary>
    internal static ParkedWait Refused(ParkingLot lot, CancelScope scope, string? situation, object why)
    {
        ParkedWait node = lot.Rent() ?? new ParkedWait();
        node.EnterRefused(lot, scope, situation, why);
        return node;
    }

    /// <summary>A wait that is over, after others have had their turn.</summary>
    internal static ParkedWait Over(ParkingLot lot, CancelScope scope, string? situation)
    {
        ParkedWait node = lot.Rent() ?? new ParkedWait();
        node.EnterOver(lot, scope, situation);
        return node;
    }

    private protected void Enter(ParkingLot lot, CancelScope scope, string? situation)
    {
        Lot = lot;
        Begin(scope, situation);
        lot.Park(this);
    }

    private protected void EnterRefused(ParkingLot lot, CancelScope scope, string? situation, object why)
    {
        Lot = lot;
        Begin(scope, situation);
        RefuseAfterTurn(why);
    }

    private protected void EnterOver(ParkingLot lot, CancelScope scope, string? situation)
    {
        Lot = lot;
        Begin(scope, situation);
        CompleteAfterTurn();
    }

    internal override string DescribeKind() => Lot.Description;

    private protected override bool MayLeave() => Lot.Owner.LetsGo();

    private protected override void Withdraw()
    {
        Lot.Remove(this);
        Lot.Owner.WaiterLeft();
    }

    private protected override void Recycle() => Lot.Return(this);
}

/// <summary>A wait in a <see cref="ParkingLot"/> that brings a value back.</summary>
internal sealed class ParkedWait<T> : ParkedWait, IValueTaskSource<T>, IValueTaskSource<Outcome<T>>
{
    /// <summary>The value that is brought back.</summary>
    internal T? Value;

    internal static new ParkedWait<T> Park(ParkingLot lot, CancelScope scope, string? situation)
    {
        ParkedWait<T> node = Rent(lot);
        node.Enter(lot, scope, situation);
        return node;
    }

    internal static new ParkedWait<T> Refused(ParkingLot lot, CancelScope scope, string? situation, object why)
    {
        ParkedWait<T> node = Rent(lot);
        node.EnterRefused(lot, scope, situation, why);
        return node;
    }

    internal static ParkedWait<T> Over(ParkingLot lot, CancelScope scope, string? situation, T value)
    {
        ParkedWait<T> node = Rent(lot);
        node.Value = value;
        node.EnterOver(lot, scope, situation);
        return node;
    }

    internal void Complete(T value)
    {
        Value = value;
        Complete();
    }

    internal ValueTask<T> AsValue() => new(this, Version);

    internal ValueTask<Outcome<T>> AsValueOutcome() => new(this, Version);

    T IValueTaskSource<T>.GetResult(short token)
    {
        T? value = Value;
        object? why = Finish(token);
        return why is null ? value! : throw RefusedError(why);
    }

    Outcome<T> IValueTaskSource<Outcome<T>>.GetResult(short token)
    {
        T? value = Value;
        object? why = Finish(token);
        return why switch
        {
            null => new Outcome<T>(value!),
            CancelScope origin => Outcome<T>.FromScope(origin),
            CancelReason closed => Outcome<T>.Canceled(closed),
            _ => Outcome<T>.Failed((Exception)why),
        };
    }

    ValueTaskSourceStatus IValueTaskSource<Outcome<T>>.GetStatus(short token) =>
        GetStatus(token) == ValueTaskSourceStatus.Pending ? ValueTaskSourceStatus.Pending : ValueTaskSourceStatus.Succeeded;

    private static ParkedWait<T> Rent(ParkingLot lot) => (ParkedWait<T>?)lot.Rent() ?? new ParkedWait<T>();

    private protected override void Recycle()
    {
        Value = default;
        base.Recycle();
    }
}
