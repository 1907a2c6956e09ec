namespace Drover.Server.Configuration;

/// <summary>What is set about agents.</summary>
internal sealed record AgentOptions
{
    /// <summary>
    /// How often server and agent ask whether the other is there; after twice that without an answer the connection is
    /// dead. Default: 10 seconds.
    /// </summary>
    [YamlKey("heartbeatSeconds")]
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After how long without work an agent of this machine ends; it is started again when a job needs it.
    /// Default: 30 minutes.
    /// </summary>
    [YamlKey("idleMinutes")]
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long the attempts of an agent that is away are unknown before they end as lost. Default: 24 hours.</summary>
    [YamlKey("lostAfterHours")]
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromHours(24);
}
