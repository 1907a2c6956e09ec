using Drover.Server.Storage;

namespace Drover.Server.Api.Events;

/// <summary>
/// Hands out the audit trail to whoever watches it. The database is asked once for all of them, when something was
/// committed and somebody watches; the latest events are kept, and who has fallen behind those reads pages of its own. A
/// watcher costs its place in the trail and what its connection costs, however slowly it reads.
/// </summary>
/// <remarks>Used from any thread: what it knows is behind one lock, which is held for moments.</remarks>
internal sealed class EventHub : IDisposable
{
    /// <summary>The most watchers of one user.</summary>
    internal const int MostOfUser = 10_000;

    private const int PageSize = 1000;
    private const int OwnPageSize = 100;
    private const long LookedThroughAtOnce = 50_000;
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly Store _store;
    private readonly TimeProvider _time;
    private readonly CancellationTokenRegistration _stop;
    private readonly Watchers _watchers = new();
    private readonly RecentEvents _recent = new();
    private ITimer? _heartbeats;
    private bool _isReading;

    internal EventHub(Store store, TimeProvider time, CancellationToken stopping)
    {
        (_store, _time) = (store, time);
        _stop = stopping.Register(Stop);
    }

    /// <summary>Whether the server stops: who watches ends.</summary>
    internal bool IsStopping { get; private set; }

    /// <summary>Begins to watch.</summary>
    /// <param name="caller">Who, for the count.</param>
    /// <param name="user">Whose jobs; null for everybody's.</param>
    /// <param name="job">Only this job; null for all.</param>
    /// <param name="after">The last event that is known; null for only what comes from now on.</param>
    /// <exception cref="ApiException">The caller has too many already.</exception>
    internal EventWatch Watch(string caller, string? user, JobId? job, long? after)
    {
        lock (_gate)
        {
            if (_watchers.CountOf(caller) >= MostOfUser)
            {
                throw new ApiException(429, "tooMany", $"{caller} has {MostOfUser} event streams open already: close some.");
            }

            long head = _store.LastEventSequence;
            if (_watchers.IsEmpty)
            {
                _recent.BeginAfter(head);
                _store.Committed = OnCommitted;
                _heartbeats = _time.CreateTimer(static hub => ((EventHub)hub!).Beat(), this, s_heartbeat, s_heartbeat);
            }

            var watch = new EventWatch(this, _gate, caller, user, job) { Position = Math.Min(after ?? head, head) };
            _watchers.Add(watch);
            OnCommitted(); // What was committed since the place was looked up.
            return watch;
        }
    }

    /// <summary>A job has said how far it is.</summary>
    internal void Progressed(JobInfo job)
    {
        lock (_gate)
        {
            foreach (EventWatch watch in _watchers.Of(job.Id, job.User))
            {
                watch.Progressed(new ProgressOfJob(job.Id, job.Progress!));
            }
        }
    }

    /// <summary>The next events of a watcher; empty when there are none yet.</summary>
    internal async Task<IReadOnlyList<byte[]>> NextAsync(EventWatch watch)
    {
        while (true)
        {
            long head;
            lock (_gate)
            {
                if (watch.Position >= _recent.Begin)
                {
                    return _recent.TakeFor(watch);
                }

                head = _recent.End;
            }

            long upTo = watch.Job is null ? Math.Min(head, watch.Position + LookedThroughAtOnce) : head;
            IReadOnlyList<JobEventRow> page = await _store.EventsAfterAsync(watch.User, watch.Job, watch.Position, upTo, OwnPageSize);
            watch.Take(page, page.Count == OwnPageSize ? page[^1].Sequence : upTo);
            if (page.Count > 0)
            {
                return [.. page.Select(EventFrame.Of)];
            }
        }
    }

    /// <summary>Nobody watches there any more. Again: nothing.</summary>
    internal void Leave(EventWatch watch)
    {
        lock (_gate)
        {
            if (_watchers.Remove(watch) && _watchers.IsEmpty)
            {
                _store.Committed = null;
                _heartbeats?.Dispose();
                _recent.Clear();
            }
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _heartbeats?.Dispose();
    }

    private void OnCommitted()
    {
        lock (_gate)
        {
            if (!_isReading && !_watchers.IsEmpty && _store.LastEventSequence > _recent.End)
            {
                _isReading = true;
                _ = ReadAsync(); // What it cannot read it leaves to the next commit or heartbeat: nothing is thrown.
            }
        }
    }

    /// <summary>Reads what was committed until nothing is left, and wakes those whom it concerns.</summary>
    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                long after;
                lock (_gate)
                {
                    after = _recent.End;
                }

                IReadOnlyList<JobEventRow> page = await _store.EventsAfterAsync(null, null, after, long.MaxValue, PageSize).ConfigureAwait(false);
                lock (_gate)
                {
                    foreach (JobEventRow row in page.Where(_recent.TryAdd))
                    {
                        foreach (EventWatch watch in _watchers.Of(row.Job, row.User))
                        {
                            watch.Wake();
                        }
                    }

                    if (_watchers.IsEmpty || (page.Count < PageSize && _store.LastEventSequence <= _recent.End))
                    {
                        _isReading = false;
                        return;
                    }
                }
            }
        }
        catch (Exception e) when (e is StorageException or ObjectDisposedException)
        {
            lock (_gate)
            {
                _isReading = false;
            }
        }
    }

    private void Beat()
    {
        lock (_gate)
        {
            OnCommitted(); // What could not be read when it was committed.
            foreach (EventWatch watch in _watchers.All)
            {
                watch.Beat();
            }
        }
    }

    private void Stop()
    {
        lock (_gate)
        {
            IsStopping = true;
            foreach (EventWatch watch in _watchers.All)
            {
                watch.Wake();
            }
        }
    }
}
