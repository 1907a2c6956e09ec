namespace Drover.Server.Storage;

/// <summary>An agent as stored: what it said when it was last connected.</summary>
internal sealed record AgentRow
{
    /// <summary>Its name, unique.</summary>
    public required string Name { get; init; }

    /// <summary>For whom it acts.</summary>
    public required string User { get; init; }

    /// <summary>Where.</summary>
    public required string Site { get; init; }

    /// <summary>The random word of its folder; null while it never connected, and so for all that follows.</summary>
    public string? Folder { get; init; }

    /// <summary>The name of its machine.</summary>
    public string? Host { get; init; }

    /// <summary>The Unix user that it runs as.</summary>
    public string? UnixUser { get; init; }

    /// <summary>Its process number.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The version of its program.</summary>
    public string? Version { get; init; }

    /// <summary>The kind of driver.</summary>
    public string? Driver { get; init; }

    /// <summary>How many CPUs its site has.</summary>
    public int? Cpus { get; init; }

    /// <summary>How much memory its site has.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Which limits it keeps.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];

    /// <summary>When it was last heard of.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }
}
