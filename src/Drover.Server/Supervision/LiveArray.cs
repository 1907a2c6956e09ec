using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <summary>An array with jobs that have not ended, in memory. Belongs to the supervision loop.</summary>
internal sealed class LiveArray
{
    private readonly int _mostInLine;
    private readonly LiveJob?[] _jobs;
    private readonly Event _over;
    private ArrayCounts _counts;
    private Event? _unchanged;
    private int _firstUnfinished;
    private Func<string?>? _situation;

    /// <param name="standing">What is on disk about it, and what has become of its jobs.</param>
    /// <param name="indices">Its indices, rising.</param>
    /// <param name="mostInLine">So many of its jobs that wait for places are followed.</param>
    internal LiveArray(ArrayStanding standing, int[] indices, int mostInLine)
    {
        _mostInLine = mostInLine;
        (Row, _counts, FirstFailure) = standing;
        ExitCode = standing.ExitCode;
        Indices = indices;
        _jobs = new LiveJob?[indices.Length];
        _over = new Event($"end of array {Row.Id}");
        Places = new ArrayPlaces(Row.Id, Limit(Row));
        Backlog = NewBacklog();
        if (Row.Job.After is { Count: > 0 })
        {
            Gate = new Backlog(mostInLine: 0, _ => _situation?.Invoke() ?? "");
        }
    }

    /// <summary>What is on disk about it.</summary>
    internal ArrayRow Row { get; private set; }

    /// <summary>Its jobs while they wait together for what it comes after; null when they need not, or not any more.</summary>
    internal Backlog? Gate { get; private set; }

    /// <summary>Whether what it comes after has happened: its jobs need not ask for themselves.</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>Whether what it comes after cannot happen any more: what is left of its jobs ends.</summary>
    internal bool IsShut => Gate is null && !IsOpen && Row.Job.After is { Count: > 0 };

    /// <summary>Those of its jobs that nobody follows yet, where not all may run at once; null where they may.</summary>
    internal Backlog? Backlog { get; private set; }

    /// <summary>The rights of its jobs to be on their way at once.</summary>
    internal ArrayPlaces Places { get; }

    /// <summary>Its number.</summary>
    internal JobId Id => Row.Id;

    /// <summary>Whose it is.</summary>
    internal string User => Row.User;

    /// <summary>What each of its jobs was asked to do.</summary>
    internal JobSpec Job => Row.Job;

    /// <summary>Its indices, rising; its jobs have the numbers after its own in this order.</summary>
    internal int[] Indices { get; }

    /// <summary>The first of its jobs that did not succeed.</summary>
    internal ArrayFailure? FirstFailure { get; private set; }

    /// <summary>The highest exit code of its jobs that have ended.</summary>
    internal int ExitCode { get; private set; }

    /// <summary>Whether all its jobs have ended.</summary>
    internal bool IsOver => _counts.Ended == Row.Count;

    /// <summary>Those who wait for what becomes of it.</summary>
    internal Dependents Dependents { get; } = new();

    /// <summary>Its jobs that have not ended, in order.</summary>
    internal IEnumerable<LiveJob> Unfinished => _jobs.Skip(_firstUnfinished).OfType<LiveJob>().Where(job => !job.Info.State.IsOver());

    /// <summary>What its jobs wait for together; null when that has happened.</summary>
    internal void WaitsFor(Func<string?>? situation) => _situation = situation;

    /// <summary>It is known whether what it comes after has happened. Returns the jobs that have waited for it; nobody follows them.</summary>
    internal LiveJob[] Open(bool hasHappened)
    {
        LiveJob[] jobs = Gate?.WithdrawAll() ?? [];
        Gate = null;
        IsOpen = hasHappened;
        return jobs;
    }

    /// <summary>Takes in one of its jobs, which has not ended.</summary>
    internal void Add(LiveJob job) => _jobs[PositionOf(job)] = job;

    /// <summary>One of its jobs has come from one state into another.</summary>
    internal void Moved(LiveJob job, JobState from)
    {
        bool isSuccess = job.Info.End?.Ending.IsSuccess == true;
        _counts = _counts.Plus(from, isSuccess: false, -1).Plus(job.Info.State, isSuccess, 1);
        if (!job.Info.State.IsOver())
        {
            return;
        }

        _jobs[PositionOf(job)] = null;
        while (_firstUnfinished < _jobs.Length && _jobs[_firstUnfinished] is null)
        {
            _firstUnfinished++;
        }

        ExitCode = Math.Max(ExitCode, job.Info.End?.Ending.ExitCode ?? 0);
        bool isFirstFailure = !isSuccess && FirstFailure is null;
        if (isFirstFailure)
        {
            FirstFailure = new ArrayFailure(job.Info.Array!.Index, job.Info.End!.Ending);
        }

        if (IsOver)
        {
            _over.Set();
        }

        if (IsOver || isFirstFailure)
        {
            Dependents.Tell();
        }
    }

    /// <summary>Waits for the right to be one of those that are on their way at once.</summary>
    internal async ValueTask<IDisposable> AcquirePlaceAsync(LiveJob job)
    {
        IDisposable place = await Places.AcquireAsync(job);
        if (job.Backlog is { } line && line == Backlog)
        {
            line.Leave(job); // That of an array without a limit is its agent's, and it stands in line there yet.
        }

        return place;
    }

    /// <summary>Takes a place for a job that runs already: the first thing after a restart, when nobody else has one.</summary>
    internal IDisposable TakePlaceForRunning() => Places.TakeForRunning();

    /// <summary>The priority of one of its jobs was changed.</summary>
    internal void Reorder(LiveJob job) => Places.Reorder(job);

    /// <summary>Begins a change of what was asked for: one at a time, and none of one of its jobs meanwhile. Dispose what it returns.</summary>
    internal async Task<IDisposable> BeginChangeAsync()
    {
        await UnchangedAsync();
        _unchanged = new Event($"change of array {Id}");
        var change = new ChangeInProgress(this, _unchanged);
        try
        {
            foreach (LiveJob job in Unfinished)
            {
                await job.OwnChangeAsync();
            }

            return change;
        }
        catch
        {
            change.Dispose();
            throw;
        }
    }

    /// <summary>Waits until no change of it is on its way to the disk.</summary>
    internal async ValueTask UnchangedAsync()
    {
        while (_unchanged is { } end)
        {
            await end.WaitAsync("a change of the array");
        }
    }

    /// <summary>
    /// Something else is asked for, and on disk. None of its jobs is in its lines now but those that are followed: the
    /// others enter anew.
    /// </summary>
    internal void Alter(ArrayRow row)
    {
        Row = row;
        Places.Resize(Limit(row));
        Backlog = Limit(row) is null ? null : Backlog ?? NewBacklog(); // Those in it that are followed count there still.
    }

    /// <summary>Waits until all its jobs have ended.</summary>
    internal async Task OverAsync() => await _over.WaitAsync($"the end of array {Id}");

    /// <summary>What has become of it.</summary>
    internal ArrayStanding Standing() => new(Row, _counts, FirstFailure) { ExitCode = ExitCode };

    /// <summary>The array as it is shown: while none of its jobs runs, with what the first of them waits for.</summary>
    internal ArrayInfo Show() => Standing().Show() with
    {
        Situation = _counts.Running == 0 ? Unfinished.FirstOrDefault()?.Show().Situation : null,
    };

    private static int? Limit(ArrayRow row) => row.AtOnce is { } places && places < row.Count ? places : null;

    private Backlog? NewBacklog() => Limit(Row) is null ? null : new Backlog(_mostInLine, _ => Places.Situation);

    private int PositionOf(LiveJob job) => (int)(job.Id.Value - Id.Value - 1);

    private sealed class ChangeInProgress(LiveArray array, Event end) : IDisposable
    {
        public void Dispose()
        {
            array._unchanged = null;
            end.Set();
        }
    }
}
