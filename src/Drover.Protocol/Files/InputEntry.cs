namespace Drover.Protocol.Files;

/// <summary>A file, folder or symbolic link that is laid out in a run directory before the job starts.</summary>
public sealed record InputEntry
{
    /// <summary>Its path from the run directory, with slashes; no part of it is empty, <c>.</c> or <c>..</c>.</summary>
    public required string Path { get; init; }

    /// <summary>What it is.</summary>
    public required InputKind Kind { get; init; }

    /// <summary>The permission bits, of a file or folder; default: 0644, of a folder 0755.</summary>
    public int? Mode { get; init; }

    /// <summary>The SHA-256 of a file's content, in lower case hexadecimal.</summary>
    public string? Hash { get; init; }

    /// <summary>The length of a file, in bytes.</summary>
    public long Length { get; init; }

    /// <summary>Where a symbolic link leads: relative, and to a place inside the run directory.</summary>
    public string? Target { get; init; }
}
