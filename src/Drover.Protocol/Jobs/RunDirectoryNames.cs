namespace Drover.Protocol.Jobs;

/// <summary>How run directories are called at an agent.</summary>
public static class RunDirectoryNames
{
    /// <summary>The job's number, or the name that it shares with other jobs, which begins with a tilde.</summary>
    public static string RunDirectoryName(this JobInfo job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.Spec.RunDirectory is { } shared ? "~" + shared : job.Id.ToString();
    }
}
