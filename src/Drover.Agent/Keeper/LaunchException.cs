namespace Drover.Agent.Keeper;

/// <summary>An attempt cannot be started.</summary>
/// <param name="reason">The kind of failure.</param>
/// <param name="message">One sentence.</param>
internal sealed class LaunchException(LaunchFailure reason, string message) : Exception(message)
{
    /// <summary>The kind of failure.</summary>
    internal LaunchFailure Reason { get; } = reason;
}
