namespace Drover.Coroutines;

/// <summary>The time given to <c>FailAfterAsync</c> is over. The message says what was being waited for.</summary>
public sealed class DeadlineException : TimeoutException
{
    internal DeadlineException(CancelReason.Deadline reason, Exception? cause)
        : base(reason.ToString(), cause) => Reason = reason;

    /// <summary>The deadline, and what was waited for when it passed.</summary>
    public CancelReason.Deadline Reason { get; }
}
