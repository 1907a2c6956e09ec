namespace Drover.Coroutines;

/// <summary>A process could not be started; nothing of it is left. The message says what to start, and why not.</summary>
public sealed class ProcessStartException : CoroutineException
{
    internal ProcessStartException(ProcessStartFailure failure, int errorNumber, string message)
        : base(message)
    {
        Failure = failure;
        ErrorNumber = errorNumber;
    }

    /// <summary>The kind of failure.</summary>
    public ProcessStartFailure Failure { get; }

    /// <summary>The system's error number (errno), or 0.</summary>
    public int ErrorNumber { get; }
}
