namespace Drover.Server.Supervision;

/// <summary>
/// The CPUs of a site and the jobs that wait for them: higher priority first, then the order of submission. A small job
/// does not pass a large one that waits, so that no job waits forever. Belongs to the supervision loop.
/// </summary>
internal sealed class CpuQueue
{
    private readonly LinkedList<Waiter> _waiters = new();
    private readonly Dictionary<LiveJob, LinkedListNode<Waiter>> _places = [];
    private readonly HashSet<LiveJob> _holders = [];
    private readonly string _site;

    internal CpuQueue(string site, int capacity)
    {
        _site = site;
        Capacity = Free = capacity;
    }

    /// <summary>How many CPUs the site has for jobs.</summary>
    internal int Capacity { get; private set; }

    /// <summary>How many are free; below zero when jobs that ran before a restart or a change hold more than there are.</summary>
    internal int Free { get; private set; }

    /// <summary>How many jobs wait.</summary>
    internal int Waiting => _waiters.Count;

    /// <summary>Whether the next in line waits although there is room for it: never, between two steps of the loop.</summary>
    internal bool KeepsOneWaitingForNothing => FirstThatCanRun() is { } first && Fits(first.Value.Job);

    /// <summary>Waits until it is the job's turn and its CPUs are free, and takes them.</summary>
    /// <exception cref="ScopeCanceledException">The scope is canceled; nothing is taken.</exception>
    internal async Task<CpuLease> AcquireAsync(LiveJob job)
    {
        if (FirstThatCanRun() is null && Fits(job))
        {
            return Grant(job);
        }

        LinkedListNode<Waiter> place = Enter(new Waiter(job, new Event($"CPUs for job {job.Id}")));
        job.WaitsFor(() => Describe(place));
        try
        {
            await place.Value.Turn.WaitAsync($"{Count(job)} of site '{_site}'");
        }
        catch
        {
            Leave(place);
            throw;
        }
        finally
        {
            job.WaitsFor(null);
        }

        return place.Value.Lease!;
    }

    /// <summary>Takes CPUs for a job that runs already, whether they are free or not.</summary>
    internal CpuLease TakeForRunning(LiveJob job) => Grant(job);

    /// <summary>The priority of a job was changed: if it waits, its place is another one.</summary>
    internal void Reorder(LiveJob job)
    {
        if (_places.TryGetValue(job, out LinkedListNode<Waiter>? place))
        {
            _waiters.Remove(place);
            Insert(place);
            Serve(); // Another one may be the first now.
        }
    }

    /// <summary>Changes how many there are. What is held stays held.</summary>
    internal void Resize(int capacity)
    {
        Free += capacity - Capacity;
        Capacity = capacity;
        foreach (Waiter waiter in _waiters.Where(waiter => !CanRun(waiter.Job)))
        {
            waiter.Job.Backlog?.Leave(waiter.Job); // It keeps nobody waiting, so others may come closer.
        }

        Serve();
    }

    /// <summary>Whether a job is served before another one.</summary>
    internal static bool GoesBefore(LiveJob job, LiveJob other) => job.Info.Spec.Priority != other.Info.Spec.Priority
        ? job.Info.Spec.Priority > other.Info.Spec.Priority
        : job.Id < other.Id;

    /// <summary>How many it wants, in words.</summary>
    internal static string Count(LiveJob job) => job.Info.Spec.Cpus == 1 ? "1 CPU" : $"{job.Info.Spec.Cpus} CPUs";

    /// <summary>A job that is larger than the site has become keeps nobody else waiting.</summary>
    private LinkedListNode<Waiter>? FirstThatCanRun()
    {
        LinkedListNode<Waiter>? place = _waiters.First;
        while (place is not null && !CanRun(place.Value.Job))
        {
            place = place.Next;
        }

        return place;
    }

    private bool CanRun(LiveJob job) => job.Info.Spec.Cpus <= Capacity;

    private bool Fits(LiveJob job) => job.Info.Spec.Cpus <= Free;

    private CpuLease Grant(LiveJob job)
    {
        Free -= job.Info.Spec.Cpus;
        _holders.Add(job);
        job.Backlog?.Leave(job);
        return new CpuLease(this, job);
    }

    private LinkedListNode<Waiter> Enter(Waiter waiter)
    {
        var place = new LinkedListNode<Waiter>(waiter);
        _places.Add(waiter.Job, place);
        Insert(place);
        Serve(); // It may have come before one that is too large.
        if (!CanRun(waiter.Job))
        {
            waiter.Job.Backlog?.Leave(waiter.Job);
        }

        return place;
    }

    /// <summary>From the end, since nearly always the newest job comes last.</summary>
    private void Insert(LinkedListNode<Waiter> place)
    {
        LinkedListNode<Waiter>? before = _waiters.Last;
        while (before is not null && GoesBefore(place.Value.Job, before.Value.Job))
        {
            before = before.Previous;
        }

        if (before is null)
        {
            _waiters.AddFirst(place);
        }
        else
        {
            _waiters.AddAfter(before, place);
        }
    }

    private void Remove(LinkedListNode<Waiter> place)
    {
        _waiters.Remove(place);
        _places.Remove(place.Value.Job);
    }

    /// <summary>The wait was canceled. When its turn had come just then, it gives back what it got.</summary>
    private void Leave(LinkedListNode<Waiter> place)
    {
        if (place.Value.Lease is { } lease)
        {
            lease.Dispose();
            return;
        }

        Remove(place);
        Serve(); // It may have been the large one that kept the others waiting.
    }

    private void Serve()
    {
        while (FirstThatCanRun() is { } first && Fits(first.Value.Job))
        {
            Remove(first);
            first.Value.Lease = Grant(first.Value.Job);
            first.Value.Turn.Set();
        }
    }

    /// <summary>For the lease: the job does not need its CPUs any more.</summary>
    internal void Release(LiveJob job)
    {
        _holders.Remove(job);
        Free += job.Info.Spec.Cpus;
        Serve();
    }

    private string Describe(LinkedListNode<Waiter> place)
    {
        LiveJob job = place.Value.Job;
        LinkedListNode<Waiter>? previous = place.Previous;
        while (previous is not null && !CanRun(previous.Value.Job))
        {
            previous = previous.Previous;
        }

        if (CanRun(job) && previous is not null)
        {
            return $"waiting for {job.Info.Spec.Cpus} of {Capacity} CPUs, behind job {previous.Value.Job.Id}";
        }

        if (!CanRun(job))
        {
            return $"needs {job.Info.Spec.Cpus} CPUs, but site '{_site}' has {Capacity} now: cancel it, or give the site more";
        }

        IEnumerable<JobId> holders = _holders.Select(holder => holder.Id).Order();
        string held = string.Join(", ", holders.Take(3)) + (_holders.Count > 3 ? " and others" : "");
        return $"waiting for {job.Info.Spec.Cpus} of {Capacity} CPUs, next in line; {Math.Max(0, Free)} free, the rest held by "
            + (_holders.Count == 1 ? $"job {held}" : $"jobs {held}");
    }

    private sealed record Waiter(LiveJob Job, Event Turn)
    {
        internal CpuLease? Lease { get; set; }
    }
}
