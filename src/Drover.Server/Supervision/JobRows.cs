using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <summary>Jobs as they are stored and as they are shown.</summary>
internal static class JobRows
{
    internal static JobInfo Show(this JobRow row) => new()
    {
        Id = row.Id,
        Name = row.Name,
        User = row.User,
        Spec = row.Spec.Pin == row.IsPinned ? row.Spec : row.Spec with { Pin = row.IsPinned }, // That changes at any time.
        State = row.State,
        End = row.End,
        Attempt = row.Attempt,
        SubmittedAt = row.SubmittedAt,
        StartedAt = row.StartedAt,
        Agent = row.Agent,
        ProcessId = row.ProcessId,
        CancelRequestedBy = row.Cancel?.By,
        Revision = row.Revision,
        Array = row.Array is { } array ? new ArrayElement(array, row.ArrayIndex!.Value) : null,
        PurgedAt = row.State == JobState.Purged ? row.PurgeAt : null,
        NextAttemptAt = row.State == JobState.Queued ? row.NotBefore : null,
        TraceParent = row.TraceParent,
    };

    internal static JobRow Store(this JobInfo job) => new()
    {
        Id = job.Id,
        Name = job.Name,
        User = job.User,
        Spec = job.Spec,
        SubmittedAt = job.SubmittedAt,
        Revision = job.Revision,
        IsPinned = job.Spec.Pin,
        Array = job.Array?.Array,
        ArrayIndex = job.Array?.Index,
        Fingerprint = job.Array is null ? Reuse.Fingerprint(job.Spec) : null,
        TraceParent = job.TraceParent,
    };
}
