namespace Drover.Coroutines;

/// <summary>
/// What few scopes have: a deadline, a token, a reason of their own, a name. Kept apart because a sleeping coroutine
/// is a scope too, and there may be a million of them.
/// </summary>
internal sealed class ScopeDetails(CancelScope scope) : LoopTimer
{
    /// <summary>Why this scope itself was canceled; null while it was not, or when only one around it was.</summary>
    internal CancelReason? Reason;
    internal CancellationTokenSource? TokenSource;

    /// <summary>A token from outside that cancels the scope.</summary>
    internal CancellationToken External;
    private CancellationTokenRegistration _registration;
    internal TimeSpan Allowed = Timeout.InfiniteTimeSpan;
    internal long Deadline = Durations.Never;
    internal string? Name;

    /// <summary>What the code says it is doing while it awaits something that is not the loop's.</summary>
    internal string? Situation;

    /// <summary>Who waits for this coroutine's end.</summary>
    internal ParkingLot? Joiners;

    /// <summary>Cancels the scope with its token. Meanwhile the loop is not deadlocked: a thread outside may cancel.</summary>
    internal void BeginToListen()
    {
        scope.Loop.AddHold();
        _registration = External.UnsafeRegister(static s => ((CancelScope)s!).Cancel("its token was canceled"), scope);
    }

    internal void EndToListen()
    {
        _registration.Unregister(); // Not Dispose, which would wait for a cancellation that is just being called.
        scope.Loop.RemoveHold();
    }

    internal override void Fire() => scope.CancelHere(new CancelReason.Deadline(Allowed, Name, scope.WaitingFor()));
}
