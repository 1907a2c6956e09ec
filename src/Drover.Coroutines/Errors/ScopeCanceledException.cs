namespace Drover.Coroutines;

/// <summary>The wait ended because the scope around it was canceled. <see cref="Reason"/> says why.</summary>
public sealed class ScopeCanceledException : OperationCanceledException
{
    internal ScopeCanceledException(CancelScope origin, Exception? cause = null)
        : base(null, cause)
    {
        Scope = origin;
        Reason = origin.OwnReason!;
    }

    /// <summary>Who or what canceled, and why.</summary>
    public CancelReason Reason { get; }

    /// <summary>The reason in words; made when somebody asks, since most cancellations are caught unread.</summary>
    public override string Message => Reason.ToString();

    /// <summary>The scope that was canceled. Only that scope absorbs this exception.</summary>
    public CancelScope Scope { get; }
}
