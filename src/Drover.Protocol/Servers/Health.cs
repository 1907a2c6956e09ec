namespace Drover.Protocol.Servers;

/// <summary>Whether a server can do its work, as <c>/healthz</c> says to whoever asks.</summary>
public sealed record Health
{
    /// <summary>Whether every check passed.</summary>
    public required bool IsHealthy { get; init; }

    /// <summary>What was looked at.</summary>
    public required IReadOnlyList<HealthCheck> Checks { get; init; }
}
