namespace Drover.Protocol.Files;

/// <summary>
/// All inputs of a job. Its JSON is uploaded like a file, after the files that it names; the SHA-256 of these bytes is
/// what <see cref="Jobs.JobSpec.Inputs"/> names.
/// </summary>
public sealed record InputManifest
{
    /// <summary>The entries; folders before what is in them, no path twice; at most 100,000.</summary>
    public required IReadOnlyList<InputEntry> Entries { get; init; }
}
