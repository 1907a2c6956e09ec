namespace Drover.Protocol.Files;

/// <summary>What is in a job's run directory, sorted by path.</summary>
public sealed record FileList
{
    /// <summary>The absolute path of the run directory at the site.</summary>
    public required string Directory { get; init; }

    /// <summary>Files and folders.</summary>
    public required IReadOnlyList<FileEntry> Entries { get; init; }

    /// <summary>Whether there are more than are listed.</summary>
    public bool IsTruncated { get; init; }
}
