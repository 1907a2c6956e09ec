namespace Drover.Server.Supervision;

/// <summary>
/// The jobs in one line that nobody follows yet. A job that is followed takes some 3 KiB, and one that would only stand
/// in line, behind many others, needs no coroutine for that: it is begun when it has come closer. There is a line for
/// each agent and its CPUs, one for each array with a limit, and one for all that are held. Belongs to the supervision loop.
/// </summary>
/// <remarks>
/// Only jobs that wait for nothing of their own come here: what they wait for, the jobs before them wait for too. So none
/// starts later than it would otherwise. Whatever is changed about one ends its stay.
/// </remarks>
/// <param name="mostInLine">So many are followed that have not yet got what they stand in line for.</param>
/// <param name="describe">What a job waits for that nobody follows yet.</param>
internal sealed class Backlog(int mostInLine, Func<LiveJob, string> describe)
{
    /// <summary>In the order in which they are served: by priority, the highest first, and then by number.</summary>
    private readonly SortedDictionary<int, LinkedList<LiveJob>> _waiting = new(Comparer<int>.Create((a, b) => b.CompareTo(a)));

    /// <summary>Those that are followed and stand in line, by their priority.</summary>
    private readonly SortedDictionary<int, SortedSet<JobId>> _inLine = [];

    private Action<LiveJob>? _follow;

    /// <summary>How many wait to be followed.</summary>
    internal int Count { get; private set; }

    /// <summary>Follows a job: now, or when it has come closer.</summary>
    internal void Enter(LiveJob job, Action<LiveJob> follow)
    {
        _follow = follow;
        if (!WaitsForNothingOfItsOwn(job))
        {
            follow(job);
        }
        else if (IsFarBack(job))
        {
            job.Backlog = this;
            job.PlaceInBacklog = Insert(job);
        }
        else
        {
            PutInLine(job);
        }
    }

    /// <summary>A job that is followed, and was not counted, stands in this line from now on.</summary>
    internal void StandsInLine(LiveJob job)
    {
        if (job is { PriorityInLine: null, PlaceInBacklog: null, Info.Spec.Hold: false } && WaitsForNothingOfItsOwn(job))
        {
            CountIn(job);
        }
    }

    /// <summary>The job stands in line no more, or keeps nobody else waiting: another may be followed. Again: does nothing.</summary>
    internal void Leave(LiveJob job)
    {
        if (job.PriorityInLine is not null)
        {
            CountOut(job);
            FollowNext();
        }
    }

    /// <summary>
    /// Something about it was changed, where it stands in line perhaps: it is followed from now on. One that was followed
    /// keeps its place, unless it does not wait here any more; then others may come closer.
    /// </summary>
    internal void Changed(LiveJob job)
    {
        if (job.PlaceInBacklog is not null)
        {
            Withdraw(job);
            _follow!(job);
        }
        else if (job.PriorityInLine is not null)
        {
            CountOut(job);
            StandsInLine(job);
            FollowNext();
        }
    }

    /// <summary>Takes a job out that nobody follows: nobody will, until it enters again.</summary>
    internal void Withdraw(LiveJob job)
    {
        Remove(job);
        job.Backlog = null;
    }

    /// <summary>Takes out all that nobody follows.</summary>
    internal LiveJob[] WithdrawAll()
    {
        LiveJob[] all = [.. _waiting.Values.SelectMany(jobs => jobs)];
        Array.ForEach(all, Withdraw);
        return all;
    }

    /// <summary>What a job that nobody follows yet waits for.</summary>
    internal string Describe(LiveJob job) => describe(job);

    /// <summary>Behind whom it stands.</summary>
    internal string Behind(LiveJob job) =>
        job.PlaceInBacklog!.Previous is { } before ? $"behind job {before.Value.Id}" : $"behind {_inLine.Values.Sum(jobs => jobs.Count)} others";

    /// <summary>What an array comes after, its jobs wait for together.</summary>
    private static bool WaitsForNothingOfItsOwn(LiveJob job) =>
        job is { Info: { State: JobState.Queued, NextAttemptAt: null, CancelRequestedBy: null, Spec.RunDirectory: null }, Cancel: null }
        && (job.Array is not null || job.Info.Spec.After is null or []);

    /// <summary>Whether so many of those that are followed go before it that it cannot be its turn.</summary>
    private bool IsFarBack(LiveJob job)
    {
        int own = job.Info.Spec.Priority;
        if (_waiting.TryGetValue(own, out LinkedList<LiveJob>? equals) && equals.Last!.Value.Id < job.Id)
        {
            return true; // As that one is.
        }

        int before = 0;
        foreach ((int priority, SortedSet<JobId> jobs) in _inLine)
        {
            before += priority > own || (priority == own && jobs.Max < job.Id) ? jobs.Count
                : priority == own ? jobs.TakeWhile(other => other < job.Id).Count() // It was held, or waited with its array.
                : 0;
        }

        return before >= mostInLine;
    }

    private void PutInLine(LiveJob job)
    {
        CountIn(job);
        _follow!(job);
    }

    private void FollowNext()
    {
        while (Count > 0 && _waiting.First().Value.First!.Value is var next && !IsFarBack(next))
        {
            Remove(next);
            PutInLine(next);
        }
    }

    private void CountIn(LiveJob job)
    {
        int priority = job.Info.Spec.Priority;
        job.Backlog = this;
        job.PriorityInLine = priority;
        if (!_inLine.TryGetValue(priority, out SortedSet<JobId>? jobs))
        {
            _inLine.Add(priority, jobs = []);
        }

        jobs.Add(job.Id);
    }

    private void CountOut(LiveJob job)
    {
        int priority = job.PriorityInLine!.Value;
        job.PriorityInLine = null;
        job.Backlog = null;
        SortedSet<JobId> jobs = _inLine[priority];
        jobs.Remove(job.Id);
        if (jobs.Count == 0)
        {
            _inLine.Remove(priority);
        }
    }

    /// <summary>Among those of its priority, from the end, since nearly always the newest job comes last.</summary>
    private LinkedListNode<LiveJob> Insert(LiveJob job)
    {
        if (!_waiting.TryGetValue(job.Info.Spec.Priority, out LinkedList<LiveJob>? equals))
        {
            _waiting.Add(job.Info.Spec.Priority, equals = new LinkedList<LiveJob>());
        }

        Count++;
        LinkedListNode<LiveJob>? before = equals.Last;
        while (before is not null && CpuQueue.GoesBefore(job, before.Value))
        {
            before = before.Previous;
        }

        return before is null ? equals.AddFirst(job) : equals.AddAfter(before, job);
    }

    /// <summary>The priority of one that nobody follows does not change: whatever is changed about it ends its stay first.</summary>
    private void Remove(LiveJob job)
    {
        Count--;
        LinkedList<LiveJob> equals = job.PlaceInBacklog!.List!;
        equals.Remove(job.PlaceInBacklog);
        job.PlaceInBacklog = null;
        if (equals.Count == 0)
        {
            _waiting.Remove(_waiting.First(pair => pair.Value == equals).Key);
        }
    }
}
