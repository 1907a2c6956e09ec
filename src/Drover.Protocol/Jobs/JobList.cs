namespace Drover.Protocol.Jobs;

/// <summary>Some jobs, newest first.</summary>
public sealed record JobList
{
    /// <summary>The jobs.</summary>
    public required IReadOnlyList<JobInfo> Jobs { get; init; }

    /// <summary>Give this as <c>before</c> to get the next ones; null when these were the last.</summary>
    public JobId? Next { get; init; }
}
