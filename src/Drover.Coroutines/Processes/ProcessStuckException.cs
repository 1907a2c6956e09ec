namespace Drover.Coroutines;

/// <summary>A process was killed and has not ended. The message says which. Its inner exception is what ended the body, if that failed.</summary>
public sealed class ProcessStuckException : CoroutineException
{
    internal ProcessStuckException(string message, Exception? cause)
        : base(message, cause)
    {
    }
}
