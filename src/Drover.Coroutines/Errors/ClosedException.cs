namespace Drover.Coroutines;

/// <summary>A wait on something that is closed. <see cref="Reason"/> says by whom and why.</summary>
public sealed class ClosedException(CancelReason.OwnerClosed reason) : CoroutineException(reason.ToString())
{
    /// <summary>What was closed, and why.</summary>
    public CancelReason.OwnerClosed Reason { get; } = reason;
}
