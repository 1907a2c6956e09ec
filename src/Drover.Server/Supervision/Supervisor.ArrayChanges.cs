using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <content>Changes of whole arrays: of those of their jobs that wait, in one commit, without following each.</content>
internal sealed partial class Supervisor
{
    /// <summary>
    /// Changes an array: those of its jobs that wait, and how many may run at once. When this returns the change is on
    /// disk. What runs goes on as it is.
    /// </summary>
    /// <exception cref="RequestRefusedException">
    /// There is no such array of this user, none of its jobs waits any more, or it cannot have that; nothing was changed.
    /// </exception>
    /// <exception cref="StorageException">It could not be stored; nothing was changed.</exception>
    internal async Task<ArrayInfo> ChangeArrayAsync(Caller caller, JobId id, ArrayChanges changes, Action<ArrayInfo>? check = null)
    {
        if (changes.AtOnce is < 1)
        {
            throw RequestRefusedException.Bad($"At least one job of an array has to be allowed to run, not {changes.AtOnce}.");
        }

        LiveArray array = await LiveArrayAsync(caller, id)
            ?? throw RequestRefusedException.Conflict($"All jobs of array {id} have ended: there is nothing left to change.");
        using (await array.BeginChangeAsync())
        {
            check?.Invoke(array.Show());
            ArrayRow after = Altered(array.Row, changes);
            if (after == array.Row && changes is { Priority: null, TimeLimitSeconds: null, Hold: null })
            {
                return array.Show();
            }

            LiveJob[] waiting = [.. array.Unfinished.Where(job => job.Info.State == JobState.Queued && !job.IsLeaving && job.Cancel is null)];
            if (waiting.Length == 0)
            {
                throw RequestRefusedException.Conflict($"No job of array {id} waits any more: there is nothing left to change.");
            }

            await AlterAsync(array, after, waiting, Alterations(caller, waiting, changes));
        }

        return array.Show();
    }

    /// <summary>An array of this user while not all its jobs have ended; null when they have.</summary>
    /// <exception cref="RequestRefusedException">There is none.</exception>
    private async Task<LiveArray?> LiveArrayAsync(Caller caller, JobId id)
    {
        while (true)
        {
            if (_arrays.TryGetValue(id, out LiveArray? array) && caller.MayTouch(array.User))
            {
                return array;
            }

            if ((await FindArrayAsync(caller, id)).IsOver)
            {
                return null;
            }

            await Coroutine.YieldAsync(); // It was accepted just now, and is about to be followed.
        }
    }

    /// <summary>What is stored about the array afterwards.</summary>
    private ArrayRow Altered(ArrayRow row, ArrayChanges changes)
    {
        JobSpec before = row.Altered ?? row.Job;
        JobSpec after = With(before, changes);
        SubmitRules.CheckNumbers(after, _options);
        return row with { Altered = after == before ? row.Altered : after, AtOnce = changes.AtOnce ?? row.AtOnce };
    }

    private static JobSpec With(JobSpec before, ArrayChanges changes) => before with
    {
        Priority = changes.Priority ?? before.Priority,
        TimeLimitSeconds = changes.TimeLimitSeconds ?? before.TimeLimitSeconds,
        Hold = changes.Hold ?? before.Hold,
    };

    /// <summary>What changes about each job, one or two lines of the audit trail for each.</summary>
    private List<Change.JobAltered> Alterations(Caller caller, LiveJob[] jobs, ArrayChanges changes)
    {
        DateTimeOffset now = _time.GetUtcNow();
        var specs = new Dictionary<JobSpec, JobSpec>(ReferenceEqualityComparer.Instance); // Most jobs of an array share one.
        var all = new List<Change.JobAltered>();
        foreach (LiveJob job in jobs)
        {
            JobSpec before = job.Info.Spec;
            if (!specs.TryGetValue(before, out JobSpec? after))
            {
                specs.Add(before, after = With(before, changes));
            }

            all.AddRange(Changes(caller, job.Info, after, job.NextRevision(now)).Cast<Change.JobAltered>());
        }

        return all;
    }

    /// <summary>Stores it, and lets it take effect. Those that nobody follows stand in no line meanwhile.</summary>
    private async Task AlterAsync(LiveArray array, ArrayRow after, LiveJob[] waiting, List<Change.JobAltered> changes)
    {
        ILookup<bool, LiveJob> byIdle = waiting.ToLookup(job => job.IsIdle);
        var stored = new Change.ArrayAltered(after, changes);
        LiveJob[] idle = [.. byIdle[true]];
        Array.ForEach(idle, job => job.Backlog!.Withdraw(job));
        try
        {
            await _store.CommitAsync(stored);
            bool hasFewerPlaces = after.AtOnce < (array.Row.AtOnce ?? int.MaxValue);
            array.Alter(after);
            Dictionary<JobId, JobSpec> before = waiting.ToDictionary(job => job.Id, job => job.Info.Spec);
            foreach (Change.JobAltered change in changes.Where(change => !stored.LeftOut.Contains(change.Job)))
            {
                if (Live(change.Job) is { } job && !job.Info.State.IsOver())
                {
                    job.Update(job.Info with { Spec = change.Spec, Revision = Math.Max(change.Revision, job.Info.Revision + 1) });
                }
            }

            foreach (LiveJob job in byIdle[false].Where(job => !job.Info.State.IsOver()))
            {
                TakeEffect(job, before[job.Id]);
                PutInLine(array, job, hasFewerPlaces || before[job.Id].Hold);
                if (hasFewerPlaces)
                {
                    job.Placing?.Cancel("the array has fewer places"); // What it has it gives back, and waits anew.
                }
            }
        }
        finally
        {
            Array.ForEach(idle, Enter);
        }
    }

    /// <summary>A job that is followed counts where it stands in line now, so that no more are followed than before.</summary>
    private void PutInLine(LiveArray array, LiveJob job, bool waitsAnew)
    {
        Backlog line = array.Backlog ?? Agents.AgentOf(job.Info.User, job.Info.Spec.Site).Backlog;
        if (job.Backlog is { } other && (other != line || waitsAnew))
        {
            other.Leave(job); // Others need not wait behind it there.
            waitsAnew = true;
        }

        if (waitsAnew && array.Gate is null)
        {
            line.StandsInLine(job);
        }
    }
}
