namespace Drover.Server.Supervision;

/// <summary>Which state may follow which. The database refuses every other change too.</summary>
internal static class JobStates
{
    /// <summary>Whether a job in the first state may come into the second.</summary>
    internal static bool CanFollow(JobState from, JobState to) => (from, to) is
        (JobState.Queued, JobState.Starting or JobState.Ended)
        or (JobState.Starting, JobState.Running or JobState.Unknown or JobState.Ended)
        or (JobState.Running, JobState.Unknown or JobState.Ended)
        or (JobState.Unknown, JobState.Starting or JobState.Running or JobState.Ended)
        or (JobState.Ended, JobState.Purged);

    /// <summary>Whether an agent may have started it: from then on it is looked for before it is started.</summary>
    internal static bool WasSent(this JobState state) => state is JobState.Starting or JobState.Running or JobState.Unknown;

    /// <summary>Whether it has its ending.</summary>
    internal static bool IsOver(this JobState state) => state is JobState.Ended or JobState.Purged;
}
