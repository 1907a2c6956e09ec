namespace Drover.Client;

/// <summary>What was fetched.</summary>
/// <param name="Files">How many files.</param>
/// <param name="Bytes">How many bytes they have.</param>
/// <param name="Changed">
/// Files that became shorter while they were read, because the job was writing: zeros stand for what is missing. Fetch them
/// again when the job has written them.
/// </param>
/// <param name="Unreadable">Files and folders that were asked for and did not come, because the agent cannot read them.</param>
public sealed record DownloadResult(int Files, long Bytes, IReadOnlyList<string> Changed, IReadOnlyList<string> Unreadable);
