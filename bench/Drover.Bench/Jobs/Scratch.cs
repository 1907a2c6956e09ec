namespace Drover.Bench.Jobs;

/// <summary>Folders in the suite's workspace, which deletes them when everything is measured.</summary>
internal static class Scratch
{
    /// <summary>Not private to the user, as temporary folders usually are: Slurm's parts insist on reaching theirs.</summary>
    public static string NewFolder(string name) =>
        Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"{name}-{Environment.ProcessId}-{Path.GetRandomFileName()[..4]}")).FullName;
}
