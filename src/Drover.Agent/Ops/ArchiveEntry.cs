namespace Drover.Agent.Ops;

/// <summary>A file, folder or link that goes into an archive.</summary>
/// <param name="Path">Its name in the archive.</param>
/// <param name="Source">Its path from the run directory, with slashes.</param>
/// <param name="Target">Where a link leads; null when it is none, or stands for what it leads to.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="Length">How long it was when it was found.</param>
/// <param name="IsUnreadable">Whether it is a folder in which nothing can be looked for: it is told of, and not in it.</param>
internal sealed record ArchiveEntry(string Path, string Source, string? Target, bool IsFolder, long Length, bool IsUnreadable = false);
