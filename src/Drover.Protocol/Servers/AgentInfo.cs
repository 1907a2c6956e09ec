namespace Drover.Protocol.Servers;

/// <summary>An agent as the server knows it.</summary>
public sealed record AgentInfo
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>For whom it acts.</summary>
    public required string User { get; init; }

    /// <summary>Where.</summary>
    public required string Site { get; init; }

    /// <summary>Whether it is connected.</summary>
    public bool IsConnected { get; init; }

    /// <summary>The machine that it ran on when it was last connected; null when it never was.</summary>
    public string? Host { get; init; }

    /// <summary>The Unix user that it runs as.</summary>
    public string? UnixUser { get; init; }

    /// <summary>Its process number.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The version of its program.</summary>
    public string? Version { get; init; }

    /// <summary>When it was last heard of.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>How many attempts it has.</summary>
    public int Attempts { get; init; }

    /// <summary>What it does or waits for, in words.</summary>
    public string? Situation { get; init; }
}
