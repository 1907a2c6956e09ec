namespace Drover.Agent.Drivers;

/// <summary>A site cannot do what was asked. The message says what, why, and what to do.</summary>
/// <param name="message">One sentence.</param>
/// <param name="isNotFound">Whether what was asked for does not exist.</param>
/// <param name="isForbidden">Whether the agent has no right to it.</param>
/// <param name="inner">What it came from.</param>
internal sealed class DriverException(string message, bool isNotFound = false, bool isForbidden = false, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Whether what was asked for does not exist.</summary>
    public bool IsNotFound { get; } = isNotFound;

    /// <summary>Whether the agent has no right to it.</summary>
    public bool IsForbidden { get; } = isForbidden;
}
