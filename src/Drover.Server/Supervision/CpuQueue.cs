namespace Drover.Server.Supervision;

/// <summary>
/// The CPUs of a site and the jobs that wait for them. Between users, who has used the least lately goes first; of one user,
/// higher priority first, then the order of submission (decision 0017). CPUs that are kept free for a large job are given
/// to nobody else, so that no job waits forever, and count as used. Belongs to the supervision loop.
/// </summary>
internal sealed class CpuQueue
{
    private readonly Dictionary<string, CpuShare> _shares = new(StringComparer.Ordinal);
    private readonly Dictionary<LiveJob, LinkedListNode<CpuWaiter>> _places = [];
    private readonly HashSet<LiveJob> _holders = [];
    private readonly string _site;

    /// <summary>For whose next job CPUs are kept free, since there are not enough yet; null when that is nobody's.</summary>
    private CpuShare? _turn;

    /// <summary>How many are kept for it, which count as held.</summary>
    private int _kept;

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
    internal int Waiting => _places.Count;

    /// <summary>Those that wait.</summary>
    internal IReadOnlyCollection<LiveJob> Waiters => _places.Keys;

    /// <summary>Those that hold CPUs.</summary>
    internal IReadOnlyCollection<LiveJob> Holders => _holders;

    /// <summary>Whether the next in line waits although there is room for it: never, between two steps of the loop.</summary>
    internal bool KeepsOneWaitingForNothing => Next() is { } next && Fits(next.Value.Job);

    /// <summary>Waits until it is the job's turn and its CPUs are free, and takes them.</summary>
    /// <exception cref="ScopeCanceledException">The scope is canceled; nothing is taken.</exception>
    internal async Task<CpuLease> AcquireAsync(LiveJob job)
    {
        if (Fits(job) && Next() is null)
        {
            return Grant(job);
        }

        LinkedListNode<CpuWaiter> place = Enter(new CpuWaiter(job, new Event($"CPUs for job {job.Id}")));
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
    internal CpuLease TakeForRunning(LiveJob job)
    {
        CpuLease lease = Grant(job);
        Serve(); // Fewer are kept now.
        return lease;
    }

    /// <summary>The priority of a job was changed: if it waits, its place is another one.</summary>
    internal void Reorder(LiveJob job)
    {
        if (_places.TryGetValue(job, out LinkedListNode<CpuWaiter>? place))
        {
            place.List!.Remove(place);
            ShareOf(job).Insert(place);
            Serve(); // Another one may be the first now.
        }
    }

    /// <summary>Changes how many there are. What is held stays held.</summary>
    internal void Resize(int capacity)
    {
        Free += capacity - Capacity;
        Capacity = capacity;
        LiveJob[] tooLarge = [.. _places.Keys.Where(job => !CanRun(job)).OrderBy(job => job.Id)];
        foreach (LiveJob job in tooLarge)
        {
            job.Backlog?.Leave(job); // It keeps nobody waiting, so others may come closer.
        }

        Serve();
    }

    /// <summary>Whether a job is served before another one of the same user.</summary>
    internal static bool GoesBefore(LiveJob job, LiveJob other) => job.Info.Spec.Priority != other.Info.Spec.Priority
        ? job.Info.Spec.Priority > other.Info.Spec.Priority
        : job.Id < other.Id;

    /// <summary>How many it wants, in words.</summary>
    internal static string Count(LiveJob job) => job.Info.Spec.Cpus == 1 ? "1 CPU" : $"{job.Info.Spec.Cpus} CPUs";

    /// <summary>Whose turn it is. A job that is larger than the site has become keeps nobody else waiting.</summary>
    private LinkedListNode<CpuWaiter>? Next() => (_turn?.FirstThatCanRun(Capacity) is not null ? _turn : Neediest())?.FirstThatCanRun(Capacity);

    /// <summary>Of those with jobs that wait, the user who has used the least lately; of equals, who has waited longest.</summary>
    private CpuShare? Neediest()
    {
        (CpuShare? least, double standing, JobId job) = (null, 0, default);
        foreach (CpuShare share in _shares.Values)
        {
            if (share.FirstThatCanRun(Capacity) is { Value.Job.Id: var first } && (share.Standing, first).CompareTo((standing, job)) is var order && (least is null || order < 0))
            {
                (least, standing, job) = (share, share.Standing, first);
            }
        }

        return least;
    }

    private CpuShare ShareOf(LiveJob job)
    {
        if (!_shares.TryGetValue(job.Info.User, out CpuShare? share))
        {
            _shares.Add(job.Info.User, share = new CpuShare(EventLoop.Current.Time));
        }

        return share;
    }

    private bool CanRun(LiveJob job) => job.Info.Spec.Cpus <= Capacity;

    private bool Fits(LiveJob job) => job.Info.Spec.Cpus <= Free;

    private CpuLease Grant(LiveJob job)
    {
        Free -= job.Info.Spec.Cpus;
        ShareOf(job).Hold(job.Info.Spec.Cpus);
        _holders.Add(job);
        job.Backlog?.Leave(job);
        return new CpuLease(this, job);
    }

    private LinkedListNode<CpuWaiter> Enter(CpuWaiter waiter)
    {
        var place = new LinkedListNode<CpuWaiter>(waiter);
        _places.Add(waiter.Job, place);
        ShareOf(waiter.Job).Insert(place);
        Serve(); // It may have come before one that is too large.
        if (!CanRun(waiter.Job))
        {
            waiter.Job.Backlog?.Leave(waiter.Job);
        }

        return place;
    }

    private void Remove(LinkedListNode<CpuWaiter> place)
    {
        place.List!.Remove(place);
        _places.Remove(place.Value.Job);
    }

    /// <summary>The wait was canceled. When its turn had come just then, it gives back what it got.</summary>
    private void Leave(LinkedListNode<CpuWaiter> place)
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
        while (Next() is { } next)
        {
            CpuShare share = ShareOf(next.Value.Job);
            if (!Fits(next.Value.Job))
            {
                KeepFor(Free > 0 ? share : null); // When none is free, none is kept: whose turn it is then is found out when one is.
                return;
            }

            KeepFor(null);
            Remove(next);
            next.Value.Lease = Grant(next.Value.Job);
            next.Value.Turn.Set();
        }

        KeepFor(null);
    }

    /// <summary>What is free is kept for the next job of this user from now on, and counts as held by them.</summary>
    private void KeepFor(CpuShare? share)
    {
        _turn?.Hold(-_kept);
        (_turn, _kept) = (share, share is null ? 0 : Free);
        share?.Hold(_kept);
    }

    /// <summary>For the lease: the job does not need its CPUs any more.</summary>
    internal void Release(LiveJob job)
    {
        _holders.Remove(job);
        Free += job.Info.Spec.Cpus;
        ShareOf(job).Hold(-job.Info.Spec.Cpus);
        Serve();
    }

    private string Describe(LinkedListNode<CpuWaiter> place)
    {
        LiveJob job = place.Value.Job;
        if (!CanRun(job))
        {
            return $"needs {job.Info.Spec.Cpus} CPUs, but site '{_site}' has {Capacity} now: cancel it, or give the site more";
        }

        LinkedListNode<CpuWaiter>? previous = place.Previous;
        while (previous is not null && !CanRun(previous.Value.Job))
        {
            previous = previous.Previous;
        }

        if (previous is not null)
        {
            return $"waiting for {job.Info.Spec.Cpus} of {Capacity} CPUs, behind job {previous.Value.Job.Id}";
        }

        if (Next() is { } next && next != place)
        {
            return $"waiting for {job.Info.Spec.Cpus} of {Capacity} CPUs, behind job {next.Value.Job.Id} of another user";
        }

        IEnumerable<JobId> holders = _holders.Select(holder => holder.Id).Order();
        string held = string.Join(", ", holders.Take(3)) + (_holders.Count > 3 ? " and others" : "");
        return $"waiting for {job.Info.Spec.Cpus} of {Capacity} CPUs, next in line; {Math.Max(0, Free)} free, the rest held by "
            + (_holders.Count == 1 ? $"job {held}" : $"jobs {held}");
    }
}
