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

/// <summary>Why a process could not be started.</summary>
public enum ProcessStartFailure
{
    /// <summary>There is no such program.</summary>
    NoSuchProgram,

    /// <summary>There is such a file, but it cannot be run: no permission, no program, or its interpreter is missing.</summary>
    NotExecutable,

    /// <summary>The working directory does not exist or may not be entered.</summary>
    NoSuchDirectory,

    /// <summary>A file that a stream is connected to cannot be opened.</summary>
    CannotOpenFile,

    /// <summary>The arguments and the environment together are longer than the system allows.</summary>
    TooLong,

    /// <summary>Too many processes or open files, or no memory.</summary>
    OutOfResources,

    /// <summary>Something else: <see cref="ProcessStartException.ErrorNumber"/> says what.</summary>
    Other,
}
