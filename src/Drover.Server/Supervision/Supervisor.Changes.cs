using System.Globalization;
using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <content>Changes of what was asked for: hold and release, priority, time limit, keeping of files.</content>
internal sealed partial class Supervisor
{
    /// <summary>Changes a job. When this returns the change is on disk.</summary>
    /// <exception cref="RequestRefusedException">
    /// There is no such job of this user, it does not wait any more, or it cannot have that; nothing was changed.
    /// </exception>
    /// <exception cref="StorageException">It could not be stored; nothing was changed.</exception>
    /// <param name="caller">Who changes it.</param>
    /// <param name="id">Its number.</param>
    /// <param name="changes">What is to be different.</param>
    /// <param name="check">Looks at the job when nobody else can change it any more, and throws when it is not what it should be.</param>
    internal async Task<JobInfo> ChangeAsync(Caller caller, JobId id, JobChanges changes, Action<JobInfo>? check = null)
    {
        if (changes is { Priority: null, TimeLimitSeconds: null, Hold: null })
        {
            return await PinAsync(caller, id, changes.Pin, check);
        }

        LiveJob job = await LiveAsync(caller, id) ?? throw WaitsNoMore(await FindAsync(caller, id));
        using (await job.BeginChangeAsync())
        {
            check?.Invoke(job.Info);
            if (job.IsLeaving || job.Info.State != JobState.Queued)
            {
                throw WaitsNoMore(job.Info);
            }

            JobSpec before = job.Info.Spec;
            JobSpec after = before with
            {
                Priority = changes.Priority ?? before.Priority,
                TimeLimitSeconds = changes.TimeLimitSeconds ?? before.TimeLimitSeconds,
                Hold = changes.Hold ?? before.Hold,
                Pin = changes.Pin ?? before.Pin,
            };
            SubmitRules.CheckNumbers(after, _options);
            long revision = job.NextRevision(_time.GetUtcNow());
            if (Changes(caller, job.Info, after, revision) is { Count: > 0 } what)
            {
                await CommitAsync(job.Info, what);
                job.Update(job.Info with { Spec = after, Revision = Math.Max(revision, job.Info.Revision + 1) });
                TakeEffect(job, before);
            }
        }

        return job.Show();
    }

    private static RequestRefusedException WaitsNoMore(JobInfo job) => RequestRefusedException.Conflict(
        $"Job {job.Id} does not wait any more, it {(job.End is { } end ? $"has ended ({end.Ending})" : $"is {job.State.ToString().ToLowerInvariant()}")}: "
            + "only the keeping of its files can be changed.");

    private static RequestRefusedException FilesAreGone(JobInfo job) => RequestRefusedException.Conflict(
        $"The files of job {job.Id} were removed at {job.PurgedAt:yyyy-MM-dd HH:mm:ss} UTC: there is nothing left to keep.");

    private static string Limit(double? seconds) => seconds is { } limit ? Quantities.Duration(TimeSpan.FromSeconds(limit)) : "none";

    private void TakeEffect(LiveJob job, JobSpec before)
    {
        if (job.Info.Spec.Priority != before.Priority)
        {
            Agents.AddSite(before.Site).Cpus.Reorder(job);
            job.Array?.Reorder(job);
        }

        if (job.Info.Spec.Hold)
        {
            job.Placing?.Cancel("the job is held");
        }
    }

    /// <summary>Whether a job's files are kept when their time is over.</summary>
    private async Task<JobInfo> PinAsync(Caller caller, JobId id, bool? pin, Action<JobInfo>? check)
    {
        JobInfo job = await FindAsync(caller, id);
        check?.Invoke(job);
        if (pin is not { } isPinned || isPinned == job.Spec.Pin)
        {
            return job;
        }

        if (await LiveAsync(caller, id) is { } live)
        {
            using (await live.BeginChangeAsync())
            {
                check?.Invoke(live.Info);
                long next = live.NextRevision(_time.GetUtcNow());
                await CommitAsync(live.Info, [Pinned(caller, live.Info, isPinned, next)]);
                live.Update(live.Info with { Spec = live.Info.Spec with { Pin = isPinned }, Revision = Math.Max(next, live.Info.Revision + 1) });
                return live.Show();
            }
        }

        long revision = Math.Max(job.Revision + 1, (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        if (job.State == JobState.Purged)
        {
            throw FilesAreGone(job);
        }

        await CommitAsync(job, [Pinned(caller, job, isPinned, revision)]);
        _recent.Remove(id);
        if (!isPinned)
        {
            Agents.Retention!.IsUnpinned();
        }

        return await FindAsync(caller, id);
    }

    private async Task CommitAsync(JobInfo job, IReadOnlyList<Change> changes)
    {
        try
        {
            await _store.CommitAsync(changes);
        }
        catch (StorageException e) when (e.Failure == StorageFailure.Refused)
        {
            throw RequestRefusedException.Conflict($"Job {job.Id} cannot be changed like this any more: it has left the queue, or its files are being removed.");
        }
    }

    /// <summary>What is to be stored when a job that waits asks for something else, each with its line of the audit trail.</summary>
    private List<Change> Changes(Caller caller, JobInfo job, JobSpec after, long revision)
    {
        JobSpec before = job.Spec;
        var changes = new List<Change>();
        string[] numbers =
        [
            .. before.Priority == after.Priority ? (IEnumerable<string>)[]
                : [string.Create(CultureInfo.InvariantCulture, $"priority from {before.Priority} to {after.Priority}")],
            .. before.TimeLimitSeconds == after.TimeLimitSeconds ? (IEnumerable<string>)[]
                : [$"time limit from {Limit(before.TimeLimitSeconds)} to {Limit(after.TimeLimitSeconds)}"],
        ];
        if (numbers.Length > 0)
        {
            changes.Add(new Change.JobAltered(
                job.Id, after, Event(job, JobEventKind.Altered, caller.User, string.Join(", ", numbers)), revision));
        }

        if (before.Hold != after.Hold)
        {
            (JobEventKind kind, string cause) = after.Hold ? (JobEventKind.Held, "held: it does not start before it is released")
                : (JobEventKind.Released, "released");
            changes.Add(new Change.JobAltered(job.Id, after, Event(job, kind, caller.User, cause), revision));
        }

        if (before.Pin != after.Pin)
        {
            changes.Add(Pinned(caller, job, after.Pin, revision));
        }

        return changes;
    }

    private Change.JobPinned Pinned(Caller caller, JobInfo job, bool isPinned, long revision) => new(job.Id, isPinned, Event(
        job, JobEventKind.Altered, caller.User, isPinned ? "pinned: its files are kept" : "not pinned any more: its files go when their time is over"), revision);
}
