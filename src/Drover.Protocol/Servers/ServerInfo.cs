namespace Drover.Protocol.Servers;

/// <summary>What a server says of itself.</summary>
public sealed record ServerInfo
{
    /// <summary>The version of its program.</summary>
    public required string Version { get; init; }

    /// <summary>Who is asking, as the server sees it.</summary>
    public required string User { get; init; }

    /// <summary>Whether that user may administer the server.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>When it was started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Its data folder; only told to administrators.</summary>
    public string? DataFolder { get; init; }

    /// <summary>How many of the user's jobs have not ended.</summary>
    public int UnfinishedJobs { get; init; }
}
