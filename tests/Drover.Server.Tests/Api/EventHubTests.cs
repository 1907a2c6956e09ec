using System.Text;
using Drover.Server.Api;
using Drover.Server.Api.Events;
using Drover.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Tests.Api;

public sealed class EventHubTests : IAsyncDisposable
{
    private readonly TrailEngine _trail = new();
    private readonly StoppedClock _clock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Store _store;
    private readonly EventHub _hub;

    public EventHubTests()
    {
        _store = new Store(_trail, _clock);
        _hub = new EventHub(_store, _clock, _stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _hub.Dispose();
        await _store.DisposeAsync();
        _stopping.Dispose();
    }

    [Fact]
    public async Task A_thousand_watchers_cost_one_query_for_what_was_committed()
    {
        EventWatch[] watches = [.. Enumerable.Range(1, 1000).Select(i => _hub.Watch("alice", null, new JobId(i), after: null))];
        await CommitAsync(17, "alice");
        Assert.Contains("\"job\":17", await NextAsync(watches[16]));
        await CommitAsync(18, "alice");
        Assert.Contains("\"job\":18", await NextAsync(watches[17]));
        Assert.InRange(_trail.Reads, 1, 2);
        Assert.All(await Task.WhenAll(watches.Where((_, i) => i is not (16 or 17)).Select(_hub.NextAsync)), Assert.Empty);
        Assert.InRange(_trail.Reads, 1, 2);
    }

    [Fact]
    public async Task A_commit_that_was_on_its_way_before_anybody_watched_is_told()
    {
        using EventWatch watch = _hub.Watch("alice", "alice", null, after: null);
        _trail.Add(new JobId(1), "alice");
        _trail.Committed!();
        Assert.Contains("\"job\":1,", await NextAsync(watch));
    }

    [Fact]
    public async Task What_could_not_be_read_is_read_at_the_next_heartbeat()
    {
        using EventWatch watch = _hub.Watch("alice", "alice", null, after: null);
        _trail.Add(new JobId(1), "alice");
        _trail.Fault = new StorageException(StorageFailure.Other, "The disk is not there.");
        _trail.Committed!();
        _trail.Fault = null;
        _clock.FireTimers();
        Assert.Contains("\"job\":1,", await NextAsync(watch));
    }

    [Fact]
    public async Task Where_nobody_watches_nothing_is_read()
    {
        using (_hub.Watch("alice", "alice", null, null))
        {
        }

        await CommitAsync(1, "alice");
        await CommitAsync(2, "alice");
        Assert.Equal(0, _trail.Reads);
        using EventWatch watch = _hub.Watch("alice", "alice", null, after: 0);
        Assert.Contains("\"job\":1,", await NextAsync(watch)); // What was missed is in the audit trail.
    }

    [Fact]
    public async Task A_watcher_sees_its_own_user_and_everybody_only_when_it_may()
    {
        using EventWatch alice = _hub.Watch("alice", "alice", null, null);
        using EventWatch all = _hub.Watch("admin", null, null, null);
        await CommitAsync(1, "bob");
        await CommitAsync(2, "alice");
        Assert.Contains("\"job\":2", await NextAsync(alice));
        Assert.Contains("\"job\":1", await NextAsync(all));
    }

    [Fact]
    public async Task A_watcher_that_has_fallen_far_behind_goes_on_without_a_gap_and_was_held_no_memory_for()
    {
        using EventWatch slow = _hub.Watch("alice", "alice", null, null);
        using EventWatch fast = _hub.Watch("alice", "alice", null, null);
        const int Events = 20_000;
        for (int i = 1; i <= Events; i++)
        {
            await CommitAsync(i, i % 2 == 0 ? "alice" : "bob");
            await _hub.NextAsync(fast);
        }

        await Eventually(() => fast.Position == Events, () => _hub.NextAsync(fast));
        var seen = new List<byte[]>();
        while (slow.Position < Events)
        {
            IReadOnlyList<byte[]> page = await _hub.NextAsync(slow);
            Assert.InRange(page.Count, 0, 8192); // What is kept for all, or a page of its own.
            seen.AddRange(page);
        }

        Assert.Equal(Enumerable.Range(1, Events / 2).Select(i => 2 * i), seen.Select(frame => int.Parse(Encoding.UTF8.GetString(frame).Split('\n')[0]["id: ".Length..])));
    }

    [Fact]
    public void One_watcher_too_many_is_refused_and_another_user_is_not()
    {
        var watches = Enumerable.Range(0, EventHub.MostOfUser).Select(_ => _hub.Watch("alice", "alice", null, null)).ToList();
        ApiException e = Assert.Throws<ApiException>(() => _hub.Watch("alice", null, new JobId(1), null));
        Assert.Equal((429, "tooMany"), (e.Status, e.Code));
        _hub.Watch("bob", "bob", null, null).Dispose();
        watches[0].Dispose();
        watches[0].Dispose(); // Twice is once.
        using EventWatch again = _hub.Watch("alice", "alice", null, null);
        Assert.Throws<ApiException>(() => _hub.Watch("alice", "alice", null, null));
        watches.ForEach(watch => watch.Dispose());
    }

    [Fact]
    public async Task Silence_is_broken_by_heartbeats()
    {
        using EventWatch watch = _hub.Watch("alice", "alice", null, null);
        Task<IReadOnlyList<byte[]>> waiting = watch.WaitAsync(default);
        Assert.False(waiting.IsCompleted);
        _clock.FireTimers();
        Assert.Equal(EventFrame.Heartbeat, Assert.Single(await waiting));
    }

    [Fact]
    public async Task Progress_comes_without_an_id_and_the_latest_replaces_what_was_not_sent()
    {
        using EventWatch watch = _hub.Watch("alice", "alice", null, null);
        _hub.Progressed(Job(7, 0.1));
        _hub.Progressed(Job(7, 0.2));
        _hub.Progressed(Job(8, 0.3) with { User = "bob" });
        string frame = Encoding.UTF8.GetString(Assert.Single(await watch.WaitAsync(default)));
        Assert.StartsWith("event: progress\ndata: {", frame);
        Assert.Contains("0.2", frame);
    }

    [Fact]
    public async Task When_the_server_stops_everybody_is_woken()
    {
        using EventWatch watch = _hub.Watch("alice", "alice", null, null);
        Task<IReadOnlyList<byte[]>> waiting = watch.WaitAsync(default);
        await _stopping.CancelAsync();
        Assert.Empty(await waiting);
        Assert.True(_hub.IsStopping);
    }

    private static JobInfo Job(long id, double fraction) => new()
    {
        Id = new JobId(id),
        Name = "j",
        User = "alice",
        Spec = new JobSpec { Command = ["true"] },
        State = JobState.Running,
        SubmittedAt = DateTimeOffset.UnixEpoch,
        Progress = new Progress { Fraction = fraction },
    };

    private static async Task Eventually(Func<bool> isSo, Func<Task> again)
    {
        while (!isSo())
        {
            await again();
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    private Task CommitAsync(long job, string user)
    {
        _trail.Add(new JobId(job), user);
        return _store.CommitAsync();
    }

    /// <summary>The next frames, as text.</summary>
    private async Task<string> NextAsync(EventWatch watch)
    {
        while (true)
        {
            if (await _hub.NextAsync(watch) is { Count: > 0 } frames)
            {
                return string.Concat(frames.Select(Encoding.UTF8.GetString));
            }

            await watch.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>An audit trail in a database in memory.</summary>
    private sealed class TrailEngine : IStoreEngine
    {
        private readonly SqliteConnection _connection = new("Data Source=:memory:");
        private long _sequence;

        internal TrailEngine()
        {
            Columns.Register();
            _connection.Open();
            Run("CREATE TABLE jobs (id INTEGER PRIMARY KEY, user TEXT); CREATE TABLE events (sequence INTEGER PRIMARY KEY, at INTEGER, job INTEGER, attempt INTEGER, kind TEXT, state TEXT, actor TEXT, cause TEXT, evidence TEXT)");
        }

        internal int Reads { get; private set; }

        internal Exception? Fault { get; set; }

        public string ServerId => "test";

        public JobId LastJobId => default;

        public long LastEventSequence => _sequence;

        internal void Add(JobId job, string user)
        {
            lock (_connection)
            {
                Run($"INSERT OR IGNORE INTO jobs VALUES ({job}, '{user}'); INSERT INTO events VALUES ({_sequence + 1}, 0, {job}, 1, 'started', 'running', 'x', 'y', null)");
                _sequence++;
            }
        }

        public Action? Committed { get; set; }

        public Task CommitAsync(IReadOnlyList<Change> changes)
        {
            Committed?.Invoke();
            return Task.CompletedTask;
        }

        public Task<T> ReadAsync<T>(Func<SqliteConnection, T> query)
        {
            lock (_connection)
            {
                Reads++;
                if (Fault is { } fault)
                {
                    return Task.FromException<T>(fault);
                }

                return Task.FromResult(query(_connection));
            }
        }

        public IReadOnlyList<JobRow> LoadUnfinished() => [];

        public ValueTask DisposeAsync() => _connection.DisposeAsync();

        private void Run(string sql)
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}
