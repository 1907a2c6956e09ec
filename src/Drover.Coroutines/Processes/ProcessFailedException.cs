namespace Drover.Coroutines;

/// <summary>A process did not end as it should. The message holds the command, how it ended and the last line of its errors.</summary>
public sealed class ProcessFailedException : CoroutineException
{
    internal ProcessFailedException(ProcessResult result, string message)
        : base(message) => Result = result;

    /// <summary>How it ended, and what it wrote.</summary>
    public ProcessResult Result { get; }
}
