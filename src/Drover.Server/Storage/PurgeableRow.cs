namespace Drover.Server.Storage;

/// <summary>A job that has ended, whose files are not pinned and not gone.</summary>
internal sealed record PurgeableRow
{
    /// <summary>Its number, which is also the name of its run directory.</summary>
    public required JobId Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string User { get; init; }

    /// <summary>Where it ran.</summary>
    public required string Site { get; init; }

    /// <summary>The number of its last attempt.</summary>
    public int Attempt { get; init; }

    /// <summary>Its revision.</summary>
    public long Revision { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>The folder of the agent that has its files; null when it was never sent to one.</summary>
    public string? Folder { get; init; }
}
