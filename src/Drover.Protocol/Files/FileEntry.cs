namespace Drover.Protocol.Files;

/// <summary>A file or folder in a job's run directory.</summary>
public sealed record FileEntry
{
    /// <summary>Its path from the run directory, with slashes.</summary>
    public required string Path { get; init; }

    /// <summary>Whether it is a folder.</summary>
    public bool IsDirectory { get; init; }

    /// <summary>Its length in bytes; zero for a folder.</summary>
    public long Length { get; init; }

    /// <summary>When it was last written.</summary>
    public DateTimeOffset ModifiedAt { get; init; }

    /// <summary>Whether the agent has no right to read it. Of such a folder it is not known what is in it.</summary>
    public bool IsUnreadable { get; init; }
}
