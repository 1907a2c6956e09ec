using Drover.Server.Storage;
using Drover.Server.Supervision;
using Drover.Simulation.Tests.Hosts;

namespace Drover.Simulation.Tests;

/// <summary>What really happened at the hosts, and the promises that can be checked as it happens.</summary>
internal sealed class Truth(World world)
{
    private readonly HashSet<AttemptId> _started = [];
    private readonly Dictionary<JobId, (AttemptId Attempt, bool HasStarted, DateTimeOffset At)> _canceled = [];
    private readonly HashSet<AttemptId> _retried = [];
    private readonly Dictionary<JobId, DateTimeOffset> _stopped = [];
    private readonly Dictionary<JobId, DateTimeOffset> _settled = [];
    private readonly HashSet<JobId> _mayBeCanceled = [];
    private readonly HashSet<JobId> _wereHeld = [];
    private readonly HashSet<JobId> _pinned = [];
    private readonly HashSet<AttemptId> _recordLost = [];
    private readonly HashSet<AttemptId> _givenUp = [];
    private readonly Dictionary<AttemptId, DateTimeOffset> _outOfSight = [];
    private readonly Dictionary<JobId, int> _limits = [];
    private static readonly TimeSpan s_stoppedWithin = TimeSpan.FromSeconds(40);
    private Event? _nextEnd;
    private readonly Dictionary<AttemptId, (Ending Ending, DateTimeOffset At, TimeSpan TurnedAhead)> _ends = [];

    /// <summary>Its user has asked, perhaps in vain.</summary>
    internal void MayBeCanceled(JobId job) => _mayBeCanceled.Add(job);

    internal bool WasAskedToBeCanceled(JobId job) => _mayBeCanceled.Contains(job);

    /// <summary>It was canceled, and the answer said which attempt it was at, and whether that had been sent.</summary>
    internal void Canceled(AttemptId attempt, bool hasStarted) => _canceled.TryAdd(attempt.Job, (attempt, hasStarted, World.Now));

    /// <summary>An answer said that it is canceled: it does not run on.</summary>
    internal void Stopped(JobId job) => _stopped.TryAdd(job, World.Now);

    /// <summary>These are on disk.</summary>
    internal void IsStored(IReadOnlyList<Change> changes)
    {
        foreach (Change.JobMoved moved in changes.OfType<Change.JobMoved>())
        {
            _outOfSight.Remove(moved.Attempt);
            if (moved.To == JobState.Unknown)
            {
                _outOfSight.Add(moved.Attempt, World.Now);
            }
            else if (moved.To == JobState.Ended)
            {
                _settled.TryAdd(moved.Attempt.Job, World.Now);
            }
        }
    }

    /// <summary>The server wants to store these: what it decides has to fit to what it has answered before.</summary>
    internal void IsToBeStored(IReadOnlyList<Change> changes)
    {
        foreach (Change.JobMoved moved in changes.OfType<Change.JobMoved>().Where(moved => moved.End is { MayRun: true, Ending: Ending.Lost }))
        {
            GivenUp(moved.Attempt);
        }

        if (changes.OfType<Change.JobRetried>().FirstOrDefault(retried => retried.End.MayRun) is { } followed)
        {
            world.Broken($"{followed.Attempt} may still run, and another attempt is to follow it");
        }

        foreach (AttemptId attempt in changes.OfType<Change.JobRetried>().Select(retried => retried.Attempt))
        {
            if (_retried.Add(attempt) && _canceled.TryGetValue(attempt.Job, out var canceled) && canceled.At < World.Now)
            {
                world.Broken($"job {attempt.Job} is to be tried again after {attempt}, and was canceled at {canceled.At:HH:mm:ss.ffffff}");
            }
        }
    }

    /// <summary>The server ends it without knowing how, and gives to others what it held: only when it was out of sight for long.</summary>
    private void GivenUp(AttemptId attempt)
    {
        _givenUp.Add(attempt);
        TimeSpan patience = world.Server.Options.Agents.LostAfter;
        if (!_recordLost.Contains(attempt) && !(_outOfSight.TryGetValue(attempt, out DateTimeOffset since) && World.Now - since >= patience))
        {
            world.Broken($"{attempt} is given up, and was not out of sight for {patience}");
        }
    }

    /// <summary>Whether the server has ended it although it may run.</summary>
    internal bool WasGivenUp(AttemptId attempt) => _givenUp.Contains(attempt);

    /// <summary>It was held for a while: others may have passed it.</summary>
    internal void Held(JobId job) => _wereHeld.Add(job);

    /// <summary>Another number of its jobs may run at once from now on, or soon.</summary>
    internal void LimitChanges(JobId array) => _limits[array] = LimitOf(array);

    /// <summary>The answer said that its files are kept.</summary>
    internal void Pinned(JobId job) => _pinned.Add(job);

    /// <summary>Its files may go again.</summary>
    internal void Unpinned(JobId job) => _pinned.Remove(job);

    /// <summary>Nobody knows any more that it was started, nor how it ended.</summary>
    internal void RecordLost(AttemptId attempt)
    {
        _recordLost.Add(attempt);
    }

    internal bool WasRecordLost(AttemptId attempt) => _recordLost.Contains(attempt);

    internal bool WasStarted(AttemptId attempt) => _started.Contains(attempt);

    /// <summary>How the host's records say that it ended; null when they have said nothing.</summary>
    internal Ending? EndOf(AttemptId attempt) => _ends.GetValueOrDefault(attempt).Ending;

    internal void Started(SimProcess process)
    {
        world.Note($"process of {process.Attempt} starts");
        world.Moments.Tell(Moment.Start, process.Attempt.Job);
        if (!_started.Add(process.Attempt) && !_recordLost.Contains(process.Attempt))
        {
            world.Broken($"attempt {process.Attempt} is started twice");
        }

        CheckThatItIsRecorded(process);
        SimProcess[] running = [.. world.Hosts.SelectMany(host => host.Running).Where(other => other != process)];
        if (running.FirstOrDefault(other => other.Attempt.Job == process.Attempt.Job) is { } same)
        {
            world.Broken($"{same.Attempt} and {process.Attempt} run at the same time");
        }

        if (running.FirstOrDefault(other => other.User == process.User && other.Order!.Spec.Site == process.Order!.Spec.Site
            && other.Order.RunDirectory == process.Order.RunDirectory) is { } sharer)
        {
            world.Broken($"{sharer.Attempt} and {process.Attempt} run in one run directory at the same time");
        }

        if (!WasGivenUp(process.Attempt))
        {
            CheckWhatIsShared(process, [.. running.Where(other => !WasGivenUp(other.Attempt))]);
        }
    }

    /// <summary>Waits until a job ends.</summary>
    internal async Task NextEndAsync() => await (_nextEnd ??= new Event("end of a job")).WaitAsync("the end of a job");

    internal void Ended(SimProcess process, Ending ending)
    {
        _nextEnd?.Set();
        _nextEnd = null;
        world.Moments.Tell(Moment.End, process.Attempt.Job);
        world.Note($"{process.Attempt} ends: {ending}");
        if (!_ends.TryAdd(process.Attempt, (ending, World.Now, world.TurnedAhead)) && !_recordLost.Contains(process.Attempt))
        {
            world.Broken($"the host's records end {process.Attempt} twice: a bug of the simulation");
        }

        _ends[process.Attempt] = (ending, World.Now, world.TurnedAhead);
        CheckThatItDidNotRunOn(process, ending);
    }

    /// <summary>What was canceled, or ended by the server without its agent, is stopped as soon as everything works.</summary>
    private void CheckThatItDidNotRunOn(SimProcess process, Ending ending)
    {
        DateTimeOffset longAgo = World.Now - s_stoppedWithin;
        if (ending is Ending.Canceled or Ending.Lost || !world.HasWorkedSince(longAgo))
        {
            return;
        }

        if (_stopped.TryGetValue(process.Attempt.Job, out DateTimeOffset at) && at < longAgo)
        {
            world.Broken($"{process.Attempt} runs until {ending}, although it was canceled at {at:HH:mm:ss}");
        }

        if (_settled.TryGetValue(process.Attempt.Job, out at) && at < longAgo)
        {
            world.Broken($"{process.Attempt} runs until {ending}, although the server says since {at:HH:mm:ss} that its job has ended");
        }
    }

    /// <summary>A run directory was removed.</summary>
    internal void Removed(string user, string name)
    {
        world.Note($"run directory {name} of {user} is removed");
        JobRow? row = JobId.TryParse(name, null, out JobId id) ? Queries.Job(world.Database.Connection, id) : null;
        if (row is null || row.User != user || !row.State.IsOver() || row.IsPinned || _pinned.Contains(id)
            || world.KeepFiles is not { } keep
            || row.End!.Ending is not Ending.Lost && IsEarly(_ends.GetValueOrDefault(new AttemptId(id, row.Attempt)), keep))
        {
            world.Broken($"run directory {name} of {user} is removed, whose job is {row?.State}{(_pinned.Contains(id) ? ", pinned" : "")}; files are kept for {world.KeepFiles}");
        }
    }

    /// <summary>Whether files are not old enough to go, not even by a clock that was turned ahead meanwhile.</summary>
    private bool IsEarly((Ending Ending, DateTimeOffset At, TimeSpan TurnedAhead) end, TimeSpan keep) =>
        World.Now - end.At + (world.TurnedAhead - end.TurnedAhead) < keep;

    /// <summary>Before anything runs the database says that it may.</summary>
    private void CheckThatItIsRecorded(SimProcess process)
    {
        JobRow? row = Queries.Job(world.Database.Connection, process.Attempt.Job);
        if (row is null || row.Attempt != process.Attempt.Number || row.State is JobState.Queued)
        {
            world.Broken($"{process.Attempt} starts, and the database says that it is {(row is null ? "nothing" : $"attempt {row.Attempt}, {row.State}")}");
        }

        if (row!.StartedAt is not null)
        {
            world.Broken($"{process.Attempt} starts, and the database says that it has run since {row.StartedAt:HH:mm:ss}");
        }

        if (row.Spec.Hold)
        {
            world.Broken($"{process.Attempt} starts, and its job is held");
        }

        if (row.User != process.User)
        {
            world.Broken($"{process.Attempt} of {row.User} runs as {process.User}");
        }

        if (_canceled.TryGetValue(process.Attempt.Job, out var canceled)
            && (process.Attempt.Number > canceled.Attempt.Number || (process.Attempt == canceled.Attempt && !canceled.HasStarted)))
        {
            world.Broken($"{process.Attempt} starts, although the job had been canceled before");
        }

        if (process.Attempt.Number > 1)
        {
            return;
        }

        if (process.Order!.Spec.RunDirectory is not null)
        {
            CheckOrder(row);
        }

        foreach (Dependency dependency in row.Spec.After ?? [])
        {
            CheckDependency(row, dependency);
        }
    }

    /// <summary>A job starts after all that it comes after, as they should have ended.</summary>
    private void CheckDependency(JobRow row, Dependency dependency)
    {
        IReadOnlyList<JobRow> before = Queries.Job(world.Database.Connection, dependency.Job) is { } job ? [job]
            : Queries.JobsBefore(world.Database.Connection, row.User, JobGroup.All, dependency.Job, null, int.MaxValue);
        bool hasHappened = before.Count > 0 && before.All(other => other.State.IsOver() && other.User == row.User) && dependency.When switch
        {
            DependencyKind.Succeeded => before.All(other => other.End!.Ending.IsSuccess),
            DependencyKind.Failed => before.Any(other => !other.End!.Ending.IsSuccess),
            _ => true,
        };
        if (!hasHappened)
        {
            world.Broken($"job {row.Id} starts, which comes after {dependency.Job} {dependency.When}: "
                + string.Join(", ", before.Select(other => $"{other.Id} is {other.State} {other.End?.Ending}")));
        }
    }

    /// <summary>Jobs that share a run directory run in the order of their submission.</summary>
    private void CheckOrder(JobRow row)
    {
        JobRow? passed = Queries.Unfinished(world.Database.Connection).FirstOrDefault(other =>
            other.Id < row.Id && other.User == row.User && other.Spec.Site == row.Spec.Site && other.Spec.RunDirectory == row.Spec.RunDirectory
            && other is { State: JobState.Queued, Attempt: 1, Cancel: null, Array: null, Spec: { Hold: false, After: null or [] } }
            && row is { Array: null, Spec.After: null or [] } && !_wereHeld.Contains(other.Id) && !_wereHeld.Contains(row.Id));
        if (passed is not null)
        {
            world.Broken($"job {row.Id} runs in '{row.Spec.RunDirectory}' before job {passed.Id}, which was there first");
        }
    }

    /// <summary>The most that were ever allowed: those that are on their way when it becomes less start yet.</summary>
    private int LimitOf(JobId array) =>
        Math.Max(_limits.GetValueOrDefault(array), ArrayQueries.Find(world.Database.Connection, array)!.AtOnce ?? int.MaxValue);

    /// <summary>Places of an array, CPUs: none is given to more than may have it.</summary>
    private void CheckWhatIsShared(SimProcess process, SimProcess[] running)
    {
        RunOrder order = process.Order!;
        if (order.Array is { } place && LimitOf(place.Array) is var atOnce
            && running.Count(other => other.Order!.Array?.Array == place.Array) is var others && others >= atOnce)
        {
            world.Broken($"{others + 1} jobs of array {place.Array} run at the same time, and {atOnce} may");
        }

        int cpus = order.Spec.Cpus + running.Where(other => other.Order!.Spec.Site == order.Spec.Site).Sum(other => other.Order!.Spec.Cpus);
        if (cpus > World.CpusOfASite) // Fewer may be allowed now than when the others were started.
        {
            world.Broken($"{cpus} CPUs of site '{order.Spec.Site}' are in use, and it never had more than {World.CpusOfASite}");
        }
    }
}
