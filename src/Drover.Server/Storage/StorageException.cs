namespace Drover.Server.Storage;

/// <summary>Something could not be stored or read. The message says what, why, and what to do.</summary>
/// <param name="failure">The kind of failure, for programs.</param>
/// <param name="message">One clear sentence, or two.</param>
/// <param name="inner">What it came from.</param>
internal sealed class StorageException(StorageFailure failure, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The kind of failure.</summary>
    public StorageFailure Failure { get; } = failure;
}
