using Drover.Server.Storage;

namespace Drover.Server.Tests.Storage;

public sealed class StoreTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Store _store = null!;

    public async ValueTask InitializeAsync() => _store = await Facts.OpenWithUserAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_job_comes_back_as_it_was_stored()
    {
        Change.JobSubmitted submitted = Facts.Submit(1);
        JobSpec spec = submitted.Job.Spec with
        {
            Environment = new Dictionary<string, string> { ["A"] = "'; DROP TABLE jobs; --", ["B"] = "ünïcödé \0 \u2028" },
            TimeLimitSeconds = 0.25,
        };
        await _store.CommitAsync(submitted with { Job = submitted.Job with { Spec = spec, Name = "a\nname" } });

        JobRow job = (await _store.JobAsync(new JobId(1)))!;

        Assert.Equal(spec.Command, job.Spec.Command);
        Assert.Equal(spec.Environment, job.Spec.Environment);
        Assert.Equal(0.25, job.Spec.TimeLimitSeconds);
        Assert.Equal(
            submitted.Job with { Spec = job.Spec, Name = "a\nname" },
            job);
    }

    [Fact]
    public async Task Each_move_sets_what_it_tells_and_leaves_the_rest()
    {
        await _store.CommitAsync(Facts.Submit(1));
        await _store.CommitAsync(Facts.Dispatch(1));
        await _store.CommitAsync(Facts.Start(1));
        await _store.CommitAsync(new Change.CancelRequested(
            new JobId(1), 1, new StopOrder("ben", "too slow", 3.5), Facts.Event(JobEventKind.CancelRequested, JobState.Running), 7));
        JobRow running = (await _store.JobAsync(new JobId(1)))!;
        await _store.CommitAsync(Facts.End(1, code: 3) with { Revision = 8 });
        JobRow ended = (await _store.JobAsync(new JobId(1)))!;

        Assert.Equal((JobState.Running, "ada@local", "f00d", 4711, Facts.Noon, 7L), (running.State, running.Agent, running.Folder, running.ProcessId, running.StartedAt, running.Revision));
        Assert.Equal(new StopOrder("ben", "too slow", 3.5), running.Cancel);
        Assert.Null(running.End);
        Assert.Equal(running with { Spec = ended.Spec, State = JobState.Ended, Revision = 8, End = Facts.Ending(new Ending.Exited(3)) }, ended);
    }

    public static TheoryData<Ending> Endings =>
    [
        new Ending.Exited(3),
        new Ending.Signaled(11, "SIGSEGV", true),
        new Ending.OutOfMemory(1 << 30),
        new Ending.TimeLimit(60),
        new Ending.Canceled("ada", "why not"),
        new Ending.NodeFailed("NODE_FAIL"),
        new Ending.Preempted("PREEMPTED"),
        new Ending.LaunchFailed(LaunchFailure.NoSuchProgram, "there is no program 'x'"),
        new Ending.Lost("the machine restarted"),
    ];

    [Fact]
    public async Task What_may_be_removed_is_found_in_an_index_of_run_directories_that_are_nobody_elses()
    {
        string[] plan = await _store.ReadAsync(c => Dapper.SqlMapper
            .Query<(int, int, int, string Detail)>(c, $"EXPLAIN QUERY PLAN {Queries.PageOfPurgeable}", new { before = 2, endedAt = 1, id = 1, limit = 1 })
            .Select(step => step.Detail).ToArray());
        Assert.Equal("SEARCH TABLE jobs AS j USING INDEX jobs_with_files (ended_at>? AND ended_at<?)", plan[0]);
        Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task Every_ending_comes_back_and_can_be_asked_for_by_its_word(Ending ending)
    {
        await _store.CommitAsync(Facts.Submit(1));
        await _store.CommitAsync(Facts.End(1, JobState.Queued) with { End = Facts.Ending(ending) });

        Assert.Equal(Facts.Ending(ending), (await _store.JobAsync(new JobId(1)))!.End);
        string json = System.Text.Json.JsonSerializer.Serialize(ending, ProtocolJson.Default.Ending);
        string word = await _store.ReadAsync(c => Dapper.SqlMapper.QuerySingle<string>(c, "SELECT ending FROM jobs WHERE id = 1"));
        Assert.StartsWith($"{{\"kind\":\"{word}\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_numbered_in_the_order_of_commits()
    {
        await _store.CommitAsync(Facts.Submit(1), Facts.Submit(2));
        await _store.CommitAsync(Facts.Dispatch(2));
        await _store.CommitAsync(new Change.JobNoted(new JobId(1), Facts.Event(JobEventKind.Resumed, JobState.Queued) with { Evidence = "pid 1" }));

        IReadOnlyList<JobEvent> first = await _store.EventsAsync(new JobId(1));
        IReadOnlyList<JobEvent> second = await _store.EventsAsync(new JobId(2));

        Assert.Equal([1, 4], first.Select(e => e.Sequence));
        Assert.Equal([2, 3], second.Select(e => e.Sequence));
        Assert.Equal(Facts.Event(JobEventKind.Resumed, JobState.Queued) with { Evidence = "pid 1", Sequence = 4 }, first[1]);
        Assert.Equal(4, _store.LastEventSequence);
    }

    [Theory]
    [InlineData(JobGroup.All, new long[] { 9, 8, 7, 6, 5, 4, 3, 2, 1 })]
    [InlineData(JobGroup.Unfinished, new long[] { 8, 6, 4, 2 })]
    [InlineData(JobGroup.Ended, new long[] { 9, 7, 5, 3, 1 })]
    internal async Task Jobs_are_listed_newest_first_page_by_page(JobGroup group, long[] expected)
    {
        await _store.CommitAsync(new Change.UserAdded(new UserRow { Name = "ben", CreatedAt = Facts.Noon }));
        for (long id = 1; id <= 9; id++)
        {
            await _store.CommitAsync(Facts.Submit(id), Facts.Submit(id + 100, "ben"));
            if (id % 2 == 1)
            {
                await _store.CommitAsync(Facts.Move(id, JobState.Queued, JobState.Ended));
            }
        }

        var seen = new List<long>();
        JobId? before = null;
        while (await _store.JobsAsync(Facts.User, group, null, before, 2) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= 2);
            seen.AddRange(page.Select(j => j.Id.Value));
            before = page[^1].Id;
        }

        Assert.Equal(expected, seen);
        Assert.Equal(18, (await _store.JobsAsync(null, JobGroup.All, null, null, 100)).Count);
    }

    [Theory]
    [InlineData(false, JobGroup.All, "INTEGER PRIMARY KEY (rowid<?)")]
    [InlineData(false, JobGroup.Unfinished, "INDEX jobs_unfinished (id<?)")]
    [InlineData(false, JobGroup.Ended, "INDEX jobs_ended (id<?)")]
    [InlineData(true, JobGroup.All, "INDEX jobs_of_user (user=? AND id<?)")]
    [InlineData(true, JobGroup.Unfinished, "INDEX jobs_of_user_unfinished (user=? AND id<?)")]
    [InlineData(true, JobGroup.Ended, "INDEX jobs_of_user_ended (user=? AND id<?)")]
    internal async Task A_page_of_a_million_jobs_is_found_without_looking_at_the_rest(bool ofUser, JobGroup group, string index)
    {
        IEnumerable<string> plan = await _store.ReadAsync(c => Dapper.SqlMapper
            .Query<(int, int, int, string Detail)>(
                c, $"EXPLAIN QUERY PLAN {Queries.PageOfJobs(ofUser, group, ofArray: false)}", new { before = 1, user = "ada", limit = 1 })
            .Select(step => step.Detail));

        Assert.Equal(
            [
                $"SEARCH TABLE jobs AS j USING {index}",
                "SEARCH TABLE attempts AS a USING PRIMARY KEY (job=? AND number=?)",
                "CORRELATED SCALAR SUBQUERY 1", // Of the jobs of arrays.
                "SEARCH TABLE arrays AS r USING INTEGER PRIMARY KEY (rowid=?)",
            ],
            plan);
    }

    [Theory]
    [InlineData(false, JobGroup.All, "INTEGER PRIMARY KEY (rowid>? AND rowid<?)")]
    [InlineData(true, JobGroup.All, "INDEX jobs_of_user (user=? AND id>? AND id<?)")]
    [InlineData(true, JobGroup.Unfinished, "INDEX jobs_of_user_unfinished (user=? AND id>? AND id<?)")]
    internal async Task A_page_of_an_array_is_found_without_looking_at_the_rest(bool ofUser, JobGroup group, string index)
    {
        string first = await _store.ReadAsync(c => Dapper.SqlMapper
            .Query<(int, int, int, string Detail)>(
                c,
                $"EXPLAIN QUERY PLAN {Queries.PageOfJobs(ofUser, group, ofArray: true)}",
                new { before = 1, user = "ada", limit = 1, array = 1 })
            .First().Detail);

        Assert.Equal($"SEARCH TABLE jobs AS j USING {index}", first);
    }

    [Fact]
    public async Task Unfinished_jobs_are_found_again_after_a_restart()
    {
        await _store.CommitAsync(Facts.Submit(1), Facts.Submit(2), Facts.Submit(3));
        await _store.CommitAsync(Facts.Move(2, JobState.Queued, JobState.Ended));
        await _store.CommitAsync(Facts.Dispatch(3));
        string id = _store.ServerId;
        await _store.DisposeAsync();

        _store = Facts.Open(_folder.Path);

        Assert.Equal([(1, JobState.Queued), (3, JobState.Starting)], _store.LoadUnfinished().Select(j => (j.Id.Value, j.State)));
        Assert.Equal(new JobId(3), _store.LastJobId);
        Assert.Equal(5, _store.LastEventSequence);
        Assert.Equal(id, _store.ServerId);
    }

    [Fact]
    public async Task A_token_is_worth_something_until_it_expires_or_is_revoked()
    {
        var agent = new AgentRow { Name = "ada@local", User = Facts.User, Site = "local" };
        var lasting = new TokenRow { Hash = TokenHash.Of("one"), Kind = TokenKind.User, User = Facts.User, CreatedAt = Facts.Noon };
        TokenRow expired = lasting with { Hash = TokenHash.Of("two"), ExpiresAt = Facts.Noon };
        TokenRow agents = lasting with { Hash = TokenHash.Of("three"), Kind = TokenKind.Agent, Site = "local", Agent = "ada@local", ExpiresAt = TimeProvider.System.GetUtcNow().AddDays(1) };
        await _store.CommitAsync(new Change.AgentSeen(agent), new Change.TokenIssued(lasting), new Change.TokenIssued(expired), new Change.TokenIssued(agents));

        Assert.Equal(lasting, await _store.TokenAsync(TokenHash.Of("one")));
        Assert.Null(await _store.TokenAsync(TokenHash.Of("two")));
        Assert.Equal(TokenKind.Agent, (await _store.TokenAsync(TokenHash.Of("three")))!.Kind);
        Assert.Null(await _store.TokenAsync(TokenHash.Of("four")));

        await _store.CommitAsync(new Change.TokenRevoked(TokenHash.Of("one"), Facts.Noon));
        await _store.CommitAsync(new Change.TokenRevoked(TokenHash.Of("one"), Facts.Noon));

        Assert.Null(await _store.TokenAsync(TokenHash.Of("one")));
    }

    [Fact]
    public async Task An_agent_is_replaced_by_what_it_says_later()
    {
        var agent = new AgentRow { Name = "ada@local", User = Facts.User, Site = "local" };
        AgentRow seen = agent with
        {
            Folder = "f00d",
            Host = "h",
            UnixUser = "u",
            ProcessId = 3,
            Version = "1.0",
            Driver = "process",
            Cpus = 4,
            MemoryBytes = 1L << 40,
            LastSeenAt = Facts.Noon,
        };
        await _store.CommitAsync(new Change.AgentSeen(agent));
        AgentRow before = Assert.Single(await _store.AgentsAsync());
        await _store.CommitAsync(new Change.AgentSeen(seen with { Limits = ["time", "memory"] }));
        AgentRow after = Assert.Single(await _store.AgentsAsync());

        Assert.Empty(before.Limits);
        Assert.Equal(agent with { Limits = before.Limits }, before);
        Assert.Equal(["time", "memory"], after.Limits);
        Assert.Equal(seen with { Limits = after.Limits }, after);
    }

    [Fact]
    public async Task Users_come_back_by_name()
    {
        await _store.CommitAsync(new Change.UserAdded(new UserRow { Name = "aaron", CreatedAt = Facts.Noon }));

        Assert.Equal(["aaron", "ada"], (await _store.UsersAsync()).Select(u => u.Name));
        Assert.Equal(new UserRow { Name = "ada", IsAdmin = true, CreatedAt = Facts.Noon }, await _store.UserAsync("ada"));
        Assert.Null(await _store.UserAsync("ADA"));
    }
}
