namespace Drover.Coroutines;

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
