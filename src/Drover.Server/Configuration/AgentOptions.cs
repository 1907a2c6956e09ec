namespace Drover.Server.Configuration;

/// <summary>What is set about agents.</summary>
internal sealed record AgentOptions
{
    /// <summary>How often both sides ask whether the other is there. Default: 10 seconds.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After how long without work an agent ends. Default: 30 minutes.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long the attempts of an agent that is away are unknown before they end as lost. Default: 24 hours.</summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromHours(24);
}
