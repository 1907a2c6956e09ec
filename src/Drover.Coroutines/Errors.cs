namespace Drover.Coroutines;

/// <summary>
/// The root of this library's own exceptions. Those that code outside must be able to catch by the framework's
/// types derive from those instead: <see cref="ScopeCanceledException"/>, <see cref="DeadlineException"/> and
/// <see cref="TaskGroupException"/>.
/// </summary>
public class CoroutineException : Exception
{
    /// <summary>Makes the error with its message.</summary>
    public CoroutineException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the error with its message and cause.</summary>
    public CoroutineException(string message, Exception? cause)
        : base(message, cause)
    {
    }
}

/// <summary>A wait on something that is closed. <see cref="Reason"/> says by whom and why.</summary>
public sealed class ClosedException(CancelReason.OwnerClosed reason) : CoroutineException(reason.ToString())
{
    /// <summary>What was closed, and why.</summary>
    public CancelReason.OwnerClosed Reason { get; } = reason;
}

/// <summary>An object that belongs to one event loop was touched from another thread or loop.</summary>
public sealed class WrongLoopException(string message) : CoroutineException(message);

/// <summary>
/// Nothing can wake the loop again: no coroutine is ready, no timer is set and nothing outside is awaited.
/// The message holds the tree of who waits for what.
/// </summary>
public sealed class DeadlockException(string message, string tree) : CoroutineException($"{message}\n{tree}")
{
    /// <summary>The coroutines of the loop and what each waits for, as <see cref="EventLoop.Dump"/> prints it.</summary>
    public string Tree { get; } = tree;
}

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

/// <summary>The time given to <c>FailAfterAsync</c> is over. The message says what was being waited for.</summary>
public sealed class DeadlineException : TimeoutException
{
    internal DeadlineException(CancelReason.Deadline reason, Exception? cause)
        : base(reason.ToString(), cause) => Reason = reason;

    /// <summary>The deadline, and what was waited for when it passed.</summary>
    public CancelReason.Deadline Reason { get; }
}

/// <summary>
/// One or more members of a task group failed. Every error is kept, none twice, in the order in which they
/// happened, as <see cref="AggregateException.InnerExceptions"/>.
/// </summary>
public sealed class TaskGroupException(string group, IEnumerable<Exception> errors)
    : AggregateException($"In {group}", errors);
