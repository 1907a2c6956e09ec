using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <summary>An array with jobs that have not ended, in memory. Belongs to the supervision loop.</summary>
internal sealed class LiveArray
{
    private const int MostInLine = 100;

    private readonly ArrayRow _row;
    private readonly Slots? _places;
    private readonly Func<string?>? _waitsForPlace;
    private readonly string _wait;
    private readonly LiveJob?[] _jobs;
    private readonly Event _over;
    private ArrayCounts _counts;
    private int _firstUnfinished;
    private Func<string?>? _situation;

    /// <param name="row">What is on disk about it.</param>
    /// <param name="indices">Its indices, rising.</param>
    /// <param name="counts">What has become of its jobs.</param>
    /// <param name="firstFailure">The first of its jobs that did not succeed.</param>
    internal LiveArray(ArrayRow row, int[] indices, ArrayCounts counts, ArrayFailure? firstFailure)
    {
        _row = row;
        Indices = indices;
        _counts = counts;
        FirstFailure = firstFailure;
        _jobs = new LiveJob?[indices.Length];
        _over = new Event($"end of array {row.Id}");
        _wait = $"a place in array {row.Id}";
        if (row.AtOnce is { } places && places < indices.Length)
        {
            _places = new Slots(places, $"places of array {row.Id}");
            string situation = $"waiting for {(places == 1 ? "the only place" : $"one of {places} places")} of array {row.Id}";
            _waitsForPlace = () => situation;
            Backlog = new Backlog(MostInLine, _ => situation);
        }

        if (row.Job.After is { Count: > 0 })
        {
            Gate = new Backlog(mostInLine: 0, _ => _situation?.Invoke() ?? "");
        }
    }

    /// <summary>Its jobs while they wait together for what it comes after; null when they need not, or not any more.</summary>
    internal Backlog? Gate { get; private set; }

    /// <summary>Whether what it comes after has happened: its jobs need not ask for themselves.</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>Those of its jobs that nobody follows yet, where not all may run at once; null where they may.</summary>
    internal Backlog? Backlog { get; }

    /// <summary>Its number.</summary>
    internal JobId Id => _row.Id;

    /// <summary>Whose it is.</summary>
    internal string User => _row.User;

    /// <summary>What each of its jobs was asked to do.</summary>
    internal JobSpec Job => _row.Job;

    /// <summary>Its indices, rising; its jobs have the numbers after its own in this order.</summary>
    internal int[] Indices { get; }

    /// <summary>The first of its jobs that did not succeed.</summary>
    internal ArrayFailure? FirstFailure { get; private set; }

    /// <summary>Whether all its jobs have ended.</summary>
    internal bool IsOver => _counts.Ended == _row.Count;

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

    /// <summary>Waits for the right to be one of those that run at once. Null when there may be any number of them.</summary>
    internal async ValueTask<IDisposable?> AcquirePlaceAsync(LiveJob job)
    {
        if (_places is null)
        {
            return null;
        }

        job.WaitsFor(_waitsForPlace);
        try
        {
            IDisposable place = await _places.AcquireAsync(1, _wait);
            job.Backlog?.Leave(job);
            return place;
        }
        finally
        {
            job.WaitsFor(null);
        }
    }

    /// <summary>Takes a place for a job that runs already: the first thing after a restart, when nobody else has one.</summary>
    internal IDisposable? TakePlaceForRunning() => _places?.TryAcquire(out SlotLease? lease, 1, _wait) == true ? lease : null;

    /// <summary>Waits until all its jobs have ended.</summary>
    internal async Task OverAsync() => await _over.WaitAsync($"the end of array {Id}");

    /// <summary>What has become of it.</summary>
    internal ArrayStanding Standing() => new(_row, _counts, FirstFailure);

    /// <summary>The array as it is shown: while none of its jobs runs, with what the first of them waits for.</summary>
    internal ArrayInfo Show() => Standing().Show() with
    {
        Situation = _counts.Running == 0 ? Unfinished.FirstOrDefault()?.Show().Situation : null,
    };

    private int PositionOf(LiveJob job) => (int)(job.Id.Value - Id.Value - 1);
}
