namespace Drover.Server.Supervision;

/// <summary>An agent cannot do what was asked; the message is its own.</summary>
internal sealed class OpRefusedException(bool isNotFound, string message) : Exception(message)
{
    /// <summary>Whether what was asked for does not exist.</summary>
    internal bool IsNotFound { get; } = isNotFound;
}
