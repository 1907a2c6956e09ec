using Dapper;
using Drover.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Tests.Storage;

public sealed class TransitionTests : IAsyncLifetime
{
    private static readonly (JobState From, JobState To)[] s_legal =
    [
        (JobState.Queued, JobState.Starting), (JobState.Queued, JobState.Ended),
        (JobState.Starting, JobState.Running), (JobState.Starting, JobState.Ended), (JobState.Starting, JobState.Unknown),
        (JobState.Running, JobState.Ended), (JobState.Running, JobState.Unknown),
        (JobState.Unknown, JobState.Starting), (JobState.Unknown, JobState.Running), (JobState.Unknown, JobState.Ended),
        (JobState.Ended, JobState.Purged),
    ];

    private static readonly Dictionary<JobState, JobState[]> s_ways = new()
    {
        [JobState.Queued] = [],
        [JobState.Starting] = [JobState.Starting],
        [JobState.Running] = [JobState.Starting, JobState.Running],
        [JobState.Unknown] = [JobState.Starting, JobState.Unknown],
        [JobState.Ended] = [JobState.Ended],
        [JobState.Purged] = [JobState.Ended, JobState.Purged],
    };

    private readonly TemporaryFolder _folder = new();
    private Store _store = null!;

    public static TheoryData<JobState, JobState> Moves => [.. from f in Enum.GetValues<JobState>() from t in Enum.GetValues<JobState>() select (f, t)];

    public async ValueTask InitializeAsync() => _store = await Facts.OpenWithUserAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Moves))]
    public async Task Only_legal_moves_are_stored(JobState from, JobState to)
    {
        await BringToAsync(from);

        Task move = _store.CommitAsync(Facts.Move(1, from, to));

        if (s_legal.Contains((from, to)))
        {
            await move;
            Assert.Equal(to, (await _store.JobAsync(new JobId(1)))!.State);
        }
        else
        {
            StorageException refused = await Assert.ThrowsAsync<StorageException>(() => move);
            Assert.Equal(StorageFailure.Refused, refused.Failure);
            Assert.Equal(from, (await _store.JobAsync(new JobId(1)))!.State);
        }
    }

    [Theory]
    [MemberData(nameof(Moves))]
    public async Task The_database_refuses_illegal_moves_from_anybody(JobState from, JobState to)
    {
        await BringToAsync(from);
        string end = to == JobState.Ended ? ", ended_at = 1" : "";
        await using SqliteConnection connection = OpenDirectly();

        foreach (string sql in (string[])[
            $"UPDATE jobs SET state = '{Word(to)}'{end}{(end is "" ? "" : ", ending = 'exited'")} WHERE id = 1",
            $"UPDATE attempts SET state = '{Word(to)}'{end}{(end is "" ? "" : ", end_json = '{}'")} WHERE job = 1"])
        {
            Exception? error = Record.Exception(() => connection.Execute(sql));
            Assert.Equal(s_legal.Contains((from, to)), error is null);
        }
    }

    [Theory]
    [InlineData("UPDATE jobs SET ending = 'lost' WHERE id = 1", "ends once")]
    [InlineData("UPDATE attempts SET end_json = '{}' WHERE job = 1", "ends once")]
    [InlineData("UPDATE jobs SET spec_json = '{}' WHERE id = 1", "while the job waits")]
    [InlineData("UPDATE jobs SET user = 'ben' WHERE id = 1", "does not change")]
    [InlineData("DELETE FROM jobs", "stays")]
    [InlineData("DELETE FROM attempts", "stays")]
    [InlineData("DELETE FROM events", "only grows")]
    [InlineData("UPDATE events SET actor = 'nobody'", "only grows")]
    [InlineData("INSERT INTO jobs (id, user, name, site, priority, cpus, submitted_at, attempt, state, revision, spec_json) SELECT 2, user, name, site, priority, cpus, submitted_at, attempt, 'running', revision, spec_json FROM jobs", "begins queued")]
    [InlineData("INSERT INTO attempts (job, number, state) VALUES (1, 2, 'running')", "begins queued")]
    [InlineData("INSERT INTO events VALUES (NULL, 1, 99, 1, 'x', 'queued', 'a', 'b', NULL)", "FOREIGN KEY")]
    [InlineData("INSERT INTO events VALUES (NULL, 'noon', 1, 1, 'x', 'queued', 'a', 'b', NULL)", "CHECK")]
    public async Task The_record_cannot_be_falsified(string sql, string words)
    {
        await BringToAsync(JobState.Ended);
        await using SqliteConnection connection = OpenDirectly();

        var error = Assert.Throws<SqliteException>(() => connection.Execute(sql));

        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INSERT INTO jobs (id, user, name, site, priority, cpus, submitted_at, attempt, state, revision, spec_json) VALUES (1, 'ada', '', '', 0, 1, 0, 1, 'queued', 0, '{}')")]
    [InlineData("INSERT INTO attempts (job, number, state) VALUES (1, 1, 'queued')")]
    [InlineData("INSERT INTO events VALUES (1, 1, 1, 1, '', '', '', '', NULL)")]
    [InlineData("UPDATE jobs SET state = 'ended', ended_at = 1, ending = 'exited' WHERE id = 1")]
    [InlineData("UPDATE attempts SET state = 'ended', ended_at = 1, end_json = '{}' WHERE job = 1 AND number = 1")]
    public async Task What_is_checked_at_each_write_needs_no_temporary_table(string sql)
    {
        await using SqliteConnection connection = OpenDirectly();

        Assert.DoesNotContain("OpenEphemeral", connection.Query<(int, string Code)>($"EXPLAIN {sql}").Select(step => step.Code));
    }

    [Fact]
    public async Task A_second_ending_is_refused_and_the_first_stays()
    {
        await BringToAsync(JobState.Running);
        await _store.CommitAsync(Facts.End(1, code: 3));

        StorageException again = await Assert.ThrowsAsync<StorageException>(() => _store.CommitAsync(Facts.End(1, code: 0)));
        StorageException onTop = await Assert.ThrowsAsync<StorageException>(() => _store.CommitAsync(Facts.End(1, JobState.Ended, code: 0)));

        Assert.Contains("is not running", again.Message, StringComparison.Ordinal);
        Assert.Equal(StorageFailure.Refused, onTop.Failure);
        Assert.Equal(new Ending.Exited(3), (await _store.JobAsync(new JobId(1)))!.End!.Ending);
    }

    [Fact]
    public async Task What_contradicts_the_record_is_refused_in_full()
    {
        await BringToAsync(JobState.Ended);
        long events = _store.LastEventSequence;
        AttemptId second = new(new JobId(2), 2);
        var order = new StopOrder("ada", null, 1);
        JobEvent noted = Facts.Event(JobEventKind.CancelRequested, JobState.Ended);
        var agent = new AgentRow { Name = "a", User = Facts.User, Site = "local" };
        await _store.CommitAsync(Facts.Submit(2), new Change.AgentSeen(agent));

        foreach (Change wrong in (Change[])[
            Facts.Submit(1),
            Facts.Submit(3, "nobody"),
            Facts.Move(9, JobState.Queued, JobState.Starting),
            Facts.Dispatch(2) with { Attempt = second },
            Facts.Dispatch(2) with { End = Facts.Ending(new Ending.Exited(0)) },
            Facts.End(2, JobState.Queued) with { End = null },
            new Change.CancelRequested(new JobId(1), 1, order, noted, 9),
            new Change.CancelRequested(new JobId(2), 2, order, noted, 9),
            new Change.JobNoted(new JobId(9), noted),
            Facts.Ada,
            new Change.TokenIssued(new TokenRow { Hash = TokenHash.Of("x"), Kind = TokenKind.Agent, User = Facts.User, Site = "s", Agent = "nobody", CreatedAt = Facts.Noon }),
            new Change.AgentSeen(agent with { Site = "elsewhere" }),
            new Change.AgentSeen(agent with { Name = "b", User = "nobody" })])
        {
            StorageException refused = await Assert.ThrowsAsync<StorageException>(() => _store.CommitAsync(Facts.Submit(7), wrong));
            Assert.Equal(StorageFailure.Refused, refused.Failure);
        }

        Assert.Null(await _store.JobAsync(new JobId(7)));
        Assert.Equal(events + 1, _store.LastEventSequence);
        await _store.CommitAsync(Facts.Submit(3));
        Assert.Equal(events + 2, (await _store.EventsAsync(new JobId(3)))[0].Sequence);
    }

    private static string Word(JobState state) => Columns.Word(state);

    private SqliteConnection OpenDirectly()
    {
        var connection = new SqliteConnection($"Data Source={_folder["drover.db"]};Foreign Keys=True;Pooling=False");
        connection.Open();
        return connection;
    }

    private async Task BringToAsync(JobState state)
    {
        await _store.CommitAsync(Facts.Submit(1));
        JobState now = JobState.Queued;
        foreach (JobState next in s_ways[state])
        {
            await _store.CommitAsync(Facts.Move(1, now, next));
            now = next;
        }
    }
}
