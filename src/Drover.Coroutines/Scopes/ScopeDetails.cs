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
    internal CancellationToken ExternalToken;
    internal CancellationTokenRegistration External;
    internal TimeSpan Allowed = Timeout.InfiniteTimeSpan;
    internal long Deadline = Durations.Never;
    internal string? Name;

    /// <summary>What the code says it is doing while it awaits something that is not the loop's.</summary>
    internal string? Situation;

    /// <summary>Who waits for this coroutine's end.</summary>
    internal ParkingLot? Joiners;

    internal override void Fire() => scope.CancelHere(new CancelReason.Deadline(Allowed, Name, scope.WaitingFor()));
}
