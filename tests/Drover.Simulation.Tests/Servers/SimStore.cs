using Drover.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Drover.Simulation.Tests.Servers;

/// <summary>
/// The store's engine in virtual time: commits gather, take their time, and may fail; what was not committed when the
/// server dies is lost, what was may be committed without anybody having been told.
/// </summary>
internal sealed class SimStore : IStoreEngine
{
    private const int MostInAGroup = 8;
    private const int MostReadsAtOnce = 50;

    private readonly World _world;
    private readonly Queue<Commit> _queue = new();
    private readonly Event _hasMore = new("commits");
    private bool _isDead;
    private int _readsAtOnce;
    private DateTimeOffset _lastRead;

    internal SimStore(World world)
    {
        _world = world;
        LastJobId = new JobId(Queries.LastJobId(Connection));
    }

    public string ServerId => "simulated";

    public JobId LastJobId { get; }

    public Action? Committed { get; set; }

    public long LastEventSequence => _world.Database.Changes.LastEventSequence;

    private SqliteConnection Connection => _world.Database.Connection;

    public async Task CommitAsync(IReadOnlyList<Change> changes)
    {
        ThrowIfDead();
        var commit = new Commit(changes);
        _world.Truth.IsToBeStored(changes);
        _world.Moments.Tell(changes, isStored: false);
        _queue.Enqueue(commit);
        _hasMore.Set();
        await CancelScope.ShieldAsync(Timeout.InfiniteTimeSpan, async () => await commit.IsOver.WaitAsync("the disk"));
        ThrowIfDead();
        if (commit.Error is { } error)
        {
            throw error;
        }
    }

    public async Task<T> ReadAsync<T>(Func<SqliteConnection, T> query)
    {
        ThrowIfDead();
        TimeSpan time = Math.Max(_world.Server.Disk.Slowness, _world.Habits.SlownessOfReads) * _world.Between(0.00001, 0.002);
        (_readsAtOnce, _lastRead) = (World.Now == _lastRead ? _readsAtOnce + 1 : 0, World.Now);
        if (_readsAtOnce > MostReadsAtOnce)
        {
            time += TimeSpan.FromMilliseconds(1); // Whoever reads until something has changed must let time pass.
        }

        await CancelScope.ShieldAsync(Timeout.InfiniteTimeSpan, () => Coroutine.SleepAsync(time, "the database").AsTask());
        ThrowIfDead();
        return query(Connection);
    }

    public IReadOnlyList<JobRow> LoadUnfinished() => Queries.Unfinished(Connection);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The process is gone: nothing more is written, and whoever waits never goes on.</summary>
    internal void Die()
    {
        _isDead = true;
        foreach (Commit commit in _queue)
        {
            commit.IsOver.Set();
        }
    }

    /// <summary>The thread that writes.</summary>
    internal async Task WriteAsync()
    {
        var group = new List<Commit>();
        while (true)
        {
            await _hasMore.WaitAsync("commits");
            _hasMore.Reset();
            while (_queue.Count > 0)
            {
                group.AddRange(_queue.Take(MostInAGroup));
                TimeSpan time = _world.Server.Disk.CommitTime();
                await Coroutine.SleepAsync(time * 0.7, "the disk"); // A crash here loses the group,
                ThrowIfDead(); // Also one that came in the turn in which the time was over: the next process may have read already.
                Exception? failure = _world.Server.Disk.Failure();
                bool isLast = _world.Server.Disk.IsLast();
                if (failure is null && !(isLast && _world.Happens(0.5)))
                {
                    WriteGroup(group);
                }

                if (isLast)
                {
                    _world.Server.CrashAndReturn();
                }

                await Coroutine.SleepAsync(time * 0.3, "the disk's answer"); // and here it is stored, and nobody knows.
                foreach (Commit commit in group)
                {
                    _queue.Dequeue();
                    commit.Error ??= failure;
                    commit.IsOver.Set();
                }

                group.Clear();
            }
        }
    }

    private void WriteGroup(IReadOnlyList<Commit> group)
    {
        foreach (Commit commit in group)
        {
            ChangeStatements changes = _world.Database.Changes;
            long before = changes.LastEventSequence;
            try
            {
                Transactions.Run(Connection, () => changes.Write(commit.Changes));
                Committed?.Invoke();
                _world.Trail.Grow();
                _world.Truth.IsStored(commit.Changes);
                _world.Moments.Tell(commit.Changes, isStored: true);
            }
            catch (Exception e)
            {
                changes.LastEventSequence = before;
                commit.Error = e is SqliteException error ? SqliteErrors.Translate(error, "the simulated database") : e;
            }
        }
    }

    private void ThrowIfDead()
    {
        if (_isDead)
        {
            throw new CrashException();
        }
    }

    private sealed class Commit(IReadOnlyList<Change> changes)
    {
        internal IReadOnlyList<Change> Changes { get; } = changes;

        internal Event IsOver { get; } = new("commit");

        internal Exception? Error { get; set; }
    }
}
