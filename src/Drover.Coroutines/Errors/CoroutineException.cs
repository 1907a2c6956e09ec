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
