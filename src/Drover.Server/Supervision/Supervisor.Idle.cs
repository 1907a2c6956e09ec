using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <content>
/// What happens to many jobs of an array together, before anybody follows them: a hundred thousand of them end in one
/// commit, and need no coroutine for it.
/// </content>
internal sealed partial class Supervisor
{
    /// <summary>Lets the jobs of an array wait together for what it comes after.</summary>
    private void Gate(LiveArray array)
    {
        if (array.Gate is not null)
        {
            _group.Start(() => WaitAtGateAsync(array), $"array {array.Id}");
        }
    }

    private async Task WaitAtGateAsync(LiveArray array)
    {
        string? why = await _dependencies.MetAsync($"array {array.Id}", array.Job.After!, array.WaitsFor);
        LiveJob[] jobs = array.Open(hasHappened: why is null);
        if (why is null)
        {
            Array.ForEach(jobs, Enter);
            return;
        }

        Change.JobMoved[] ends = [.. jobs.Select(job => EndOf(job, JobLife.NotSent(new Ending.Canceled(DependencyRules.Drover, why), _time.GetUtcNow())))];
        try
        {
            await _store.CommitAsync(ends);
        }
        catch (StorageException)
        {
            Array.ForEach(jobs, Begin); // Each finds the same for itself, and tries until it is on disk.
            return;
        }

        foreach ((LiveJob job, Change.JobMoved end) in jobs.Zip(ends))
        {
            Ended(job, end);
        }
    }

    /// <summary>Records that all jobs of an array are to end, and tells them. Those that nobody follows end in the same commit.</summary>
    /// <exception cref="StorageException">It could not be stored; nothing was changed.</exception>
    private async Task CancelAllAsync(LiveArray array, StopOrder order, string cause)
    {
        DateTimeOffset now = _time.GetUtcNow();
        LiveJob[] jobs = [.. array.Unfinished];
        Change.CancelRequested[] requests = [.. jobs.Select(job => new Change.CancelRequested(
            job.Id, job.Info.Attempt, order, Event(job.Info, JobEventKind.CancelRequested, order.By, cause, now), job.NextRevision(now)))];
        LiveJob[] idle = [.. jobs.Where(job => job.IsIdle)];
        Array.ForEach(idle, job => job.Backlog!.Withdraw(job)); // So that nobody begins to follow one meanwhile.
        AttemptEnd end = JobLife.NotSent(new Ending.Canceled(order.By, order.Why), now);
        Dictionary<JobId, Change.JobMoved> ends = idle.ToDictionary(job => job.Id, job => EndOf(job, end));
        var stored = new Change.ManyCancelRequested(requests);
        try
        {
            await _store.CommitAsync([stored, .. ends.Values]);
        }
        catch
        {
            Array.ForEach(idle, Enter);
            throw;
        }

        foreach ((LiveJob job, Change.CancelRequested request) in jobs.Zip(requests))
        {
            if (stored.LeftOut.Contains(job.Id))
            {
                continue; // It had ended by itself: nobody has canceled it.
            }

            Tell(job, order, request.Revision);
            if (ends.TryGetValue(job.Id, out Change.JobMoved? moved))
            {
                Ended(job, moved);
            }
        }
    }

    /// <summary>The end of a job that nobody follows.</summary>
    private static Change.JobMoved EndOf(LiveJob job, AttemptEnd end) => new(
        job.Attempt,
        JobState.Queued,
        JobState.Ended,
        Event(job.Info with { State = JobState.Ended }, JobEventKind.Ended, ((Ending.Canceled)end.Ending).By, end.Ending.ToString()!, end.At) with
        {
            Evidence = end.Evidence,
        })
    {
        End = end,
        Revision = job.NextRevision(end.At) + 1, // After that of the request.
    };

    /// <summary>The end of a job that nobody follows is on disk.</summary>
    private void Ended(LiveJob job, Change.JobMoved moved)
    {
        _recorder.Recorded(job, moved);
        job.Update(job.Info with { State = JobState.Ended, End = moved.End, Revision = Math.Max(moved.Revision, job.Info.Revision + 1) });
        Forget(job);
    }
}
