namespace Drover.Client;

/// <summary>A file or folder of this machine that becomes part of a job's inputs.</summary>
/// <param name="LocalPath">Where it is, absolute or from the process's working directory.</param>
public sealed record UploadSource(string LocalPath)
{
    /// <summary>
    /// Where it is laid out in the run directory, with slashes. Default: the name that it has here. <c>.</c> lays out what
    /// is in a folder in the run directory itself.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>
    /// Whether what symbolic links lead to is taken instead of the links. Default: no, links are kept, and one that is
    /// absolute or leads out of what is uploaded is refused.
    /// </summary>
    public bool FollowLinks { get; init; }
}
