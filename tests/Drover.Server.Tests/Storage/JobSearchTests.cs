using Drover.Server.Storage;

namespace Drover.Server.Tests.Storage;

public sealed class JobSearchTests : IAsyncLifetime
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
    public async Task Jobs_are_found_by_state_ending_site_and_name()
    {
        await SubmitAsync(1, "alpha", "local");
        await SubmitAsync(2, "beta", "lab");
        await SubmitAsync(3, "alphabet", "lab");
        await SubmitAsync(4, "a[1]", "local");
        await _store.CommitAsync(Facts.Move(1, JobState.Queued, JobState.Ended));
        await _store.CommitAsync(Facts.Move(3, JobState.Queued, JobState.Ended) with { End = Facts.Ending(new Ending.Signaled(9, "SIGKILL")) });
        await _store.CommitAsync(Facts.Dispatch(2));
        await FindsAsync([4, 3, 2, 1], new JobFilter());
        await FindsAsync([4], new JobFilter { Group = JobGroup.Unfinished, State = JobState.Queued });
        await FindsAsync([2], new JobFilter { Group = JobGroup.Unfinished, State = JobState.Starting });
        await FindsAsync([3], new JobFilter { Group = JobGroup.Ended, Ending = "signaled" });
        await FindsAsync([3, 2], new JobFilter { Site = "lab" });
        await FindsAsync([3, 1], new JobFilter { Name = "alpha*" });
        await FindsAsync([1], new JobFilter { Name = "alpha" });
        await FindsAsync([2], new JobFilter { Name = "?eta" });
        await FindsAsync([4], new JobFilter { Name = "a[1]" });
        await FindsAsync([1], new JobFilter { Name = "*a*", Site = "local", Group = JobGroup.Ended });
        await FindsAsync([], new JobFilter { User = "ben", Site = "lab" });
    }

    [Fact]
    public async Task What_ended_last_comes_first_when_it_is_asked_for()
    {
        for (int id = 1; id <= 5; id++)
        {
            await SubmitAsync(id, "job", "local");
        }

        foreach ((long id, int second) in ((long, int)[])[(3, 1), (1, 2), (5, 3), (2, 3)])
        {
            AttemptEnd end = Facts.Ending(new Ending.Exited(0)) with { At = Facts.Noon.AddSeconds(second) };
            await _store.CommitAsync(Facts.Move(id, JobState.Queued, JobState.Ended) with { End = end, Revision = second });
        }

        await FindsAsync([5, 2, 1, 3], new JobFilter { User = Facts.User, Group = JobGroup.Ended, IsByEnd = true });
        await FindsAsync([5, 2, 1, 3], new JobFilter { User = Facts.User, Group = JobGroup.Ended, IsByEnd = true, Name = "job" });
    }

    [Fact]
    public async Task What_is_served_first_comes_first_when_it_is_asked_for()
    {
        foreach ((long id, int priority) in ((long, int)[])[(1, 0), (2, 7), (3, -1), (4, 7), (5, 0)])
        {
            Change.JobSubmitted fact = Facts.Submit(id);
            await _store.CommitAsync(fact with { Job = fact.Job with { Spec = new JobSpec { Command = ["true"], Priority = priority } } });
        }

        await _store.CommitAsync(Facts.Move(5, JobState.Queued, JobState.Ended));
        await FindsAsync([2, 4, 1, 3], new JobFilter { User = Facts.User, IsByPriority = true });
        await FindsAsync([2, 4, 1, 3], new JobFilter { IsByPriority = true, Group = JobGroup.Unfinished, State = JobState.Queued });
        await FindsAsync([], new JobFilter { User = Facts.User, IsByPriority = true, Site = "lab" });
    }

    [Fact]
    public async Task The_order_of_priority_is_found_in_an_index_and_not_sorted()
    {
        var values = new { user = "ada", priority = 9, before = 0, limit = 1 };
        string[] plan = await _store.ReadAsync(c => Dapper.SqlMapper.Query<(int, int, int, string Detail)>(
            c, $"EXPLAIN QUERY PLAN {PrioritySearch.Next}", values).Select(s => s.Detail).ToArray());
        Assert.Contains("SEARCH TABLE jobs USING COVERING INDEX jobs_of_user_by_priority (user=? AND priority=? AND id>?)", plan);
        Assert.Contains("SEARCH TABLE jobs USING COVERING INDEX jobs_of_user_by_priority (user=? AND priority<?)", plan);
        Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_jobs_of_several_users_come_in_one_order_of_priority()
    {
        await _store.CommitAsync(new Change.UserAdded(new UserRow { Name = "ben", CreatedAt = Facts.Noon }));
        foreach ((long id, int priority, string user) in ((long, int, string)[])[(1, 0, "ben"), (2, 7, Facts.User), (3, 7, "ben"), (4, 0, Facts.User), (5, 9, "ben"), (6, 0, "ben")])
        {
            Change.JobSubmitted fact = Facts.Submit(id);
            await _store.CommitAsync(fact with { Job = fact.Job with { User = user, Spec = new JobSpec { Command = ["true"], Priority = priority } } });
        }

        await FindsAsync([5, 2, 3, 1, 4, 6], new JobFilter { IsByPriority = true });
        await FindsAsync([5, 3, 1, 6], new JobFilter { User = "ben", IsByPriority = true, State = JobState.Queued });
    }

    [Fact]
    public async Task What_is_rare_among_unfinished_jobs_is_found_over_pages_that_each_look_at_so_many()
    {
        const int Jobs = JobSearch.LookedAt + 500;
        foreach (int[] some in Enumerable.Range(1, Jobs).Chunk(500))
        {
            await _store.CommitAsync([.. some.Select(id => Submit(id, id == Jobs ? "needle" : "hay", "local"))]);
        }

        var filter = new JobFilter { User = Facts.User, Name = "needle", IsByPriority = true };
        JobPage first = await _store.JobsAsync(filter, null, 10);
        Assert.Empty(first.Rows);
        Assert.Equal(new JobId(JobSearch.LookedAt), first.Next);
        JobPage second = await _store.JobsAsync(filter, first.Next, 10);
        Assert.Equal(Jobs, Assert.Single(second.Rows).Id.Value);
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task What_is_rare_is_found_over_pages_that_each_look_at_so_many_jobs()
    {
        const int Jobs = (2 * JobSearch.LookedAt) + 500;
        foreach (int[] some in Enumerable.Range(1, Jobs).Chunk(500))
        {
            await _store.CommitAsync([.. some.Select(id => Submit(id, id == 3 ? "needle" : "hay", "local"))]);
        }

        var filter = new JobFilter { User = Facts.User, Name = "needle" };
        JobPage first = await _store.JobsAsync(filter, null, 10);
        Assert.Empty(first.Rows);
        Assert.Equal(new JobId(Jobs - JobSearch.LookedAt + 1), first.Next);
        JobPage second = await _store.JobsAsync(filter, first.Next, 10);
        Assert.Empty(second.Rows);
        JobPage third = await _store.JobsAsync(filter, second.Next, 10);
        Assert.Equal(3, Assert.Single(third.Rows).Id.Value);
        Assert.Null(third.Next);
    }

    [Theory]
    [InlineData(false, "INDEX jobs_of_user (user=? AND id>? AND id<?)")]
    [InlineData(true, "INDEX jobs_of_user_by_end (user=? AND ended_at>? AND ended_at<?)")]
    public async Task A_search_among_a_million_jobs_looks_at_no_more_than_it_may(bool isByEnd, string index)
    {
        var filter = new JobFilter { User = Facts.User, Name = "x", IsByEnd = isByEnd, Group = isByEnd ? JobGroup.Ended : JobGroup.All };
        var values = new { before = 9, before_end = 9, user = "ada", limit = 1, floor = 1, floor_end = 1, name = "x", looked_at = 1 };
        string[] plan = await _store.ReadAsync(c => Dapper.SqlMapper
            .Query<(int, int, int, string Detail)>(c, $"EXPLAIN QUERY PLAN {JobSearch.Rows(filter)}", values).Select(step => step.Detail).ToArray());
        Assert.Equal($"SEARCH TABLE jobs AS j USING {index}", plan[0]);
        Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal) || step.StartsWith("SCAN", StringComparison.Ordinal));
        string[] floor = await _store.ReadAsync(c => Dapper.SqlMapper
            .Query<(int, int, int, string Detail)>(c, $"EXPLAIN QUERY PLAN {JobSearch.Floor(filter)}", values).Select(step => step.Detail).ToArray());
        Assert.DoesNotContain(floor, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal) || step.StartsWith("SCAN", StringComparison.Ordinal));
    }

    private static Change.JobSubmitted Submit(long id, string name, string site)
    {
        Change.JobSubmitted fact = Facts.Submit(id);
        return fact with { Job = fact.Job with { Name = name, Spec = new JobSpec(site) { Command = ["true"] } } };
    }

    private Task SubmitAsync(long id, string name, string site) => _store.CommitAsync(Submit(id, name, site));

    /// <summary>All at once, and the same page by page.</summary>
    private async Task FindsAsync(long[] expected, JobFilter filter)
    {
        Assert.Equal(expected, (await _store.JobsAsync(filter, null, 100)).Rows.Select(row => row.Id.Value));
        var seen = new List<long>();
        JobId? before = null;
        do
        {
            JobPage page = await _store.JobsAsync(filter, before, 1);
            seen.AddRange(page.Rows.Select(row => row.Id.Value));
            before = page.Next;
        }
        while (before is not null);
        Assert.Equal(expected, seen);
    }
}
