using Drover.Server.Storage;

namespace Drover.Server.Tests.Storage;

public sealed class ArrayStoreTests : IAsyncLifetime
{
    private static readonly JobId s_array = new(1);

    private readonly TemporaryFolder _folder = new();
    private Store _store = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await Facts.OpenWithUserAsync(_folder.Path);
        await _store.CommitAsync([new Change.ArraySubmitted(Row(s_array)), .. Enumerable.Range(0, 6).Select(i => Element(s_array, i))]);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_jobs_of_an_array_share_its_specification_on_disk_and_in_memory()
    {
        Assert.Equal(6, await _store.ReadAsync(c => Dapper.SqlMapper.QuerySingle<int>(c, "SELECT count(*) FROM jobs WHERE spec_json IS NULL")));
        IReadOnlyList<JobRow> jobs = _store.LoadUnfinished();
        Assert.Equal(["./simulate"], jobs[0].Spec.Command);
        Assert.All(jobs, job => Assert.Same(jobs[0].Spec, job.Spec));

        await _store.CommitAsync(new Change.JobAltered(
            jobs[2].Id, jobs[2].Spec with { Priority = 7 }, Facts.Event(JobEventKind.Altered, JobState.Queued), Revision: 9));
        Assert.Equal([0, 0, 7, 0, 0, 0], _store.LoadUnfinished().Select(job => job.Spec.Priority));
    }

    [Fact]
    public async Task An_array_comes_back_as_it_was_stored_with_what_became_of_its_jobs()
    {
        await _store.CommitAsync(Facts.Dispatch(2), Facts.Start(2), Facts.End(2), Facts.Dispatch(4), Facts.Start(4), Facts.End(4, code: 3), Facts.Dispatch(5));
        await _store.CommitAsync(Facts.End(3, JobState.Queued) with { End = Facts.Ending(new Ending.Canceled("ada")) });
        ArrayStanding standing = (await _store.ArrayStandingAsync(s_array))!;
        Assert.Equal(Row(s_array) with { Job = standing.Array.Job }, standing.Array);
        Assert.Equal(new ArrayCounts(Queued: 2, Running: 1, Unknown: 0, Succeeded: 1, Failed: 2), standing.Counts);
        Assert.Equal(new ArrayFailure(10, new Ending.Canceled("ada")), standing.FirstFailure);
        Assert.Equal(s_array, Assert.Single(await _store.UnfinishedArraysAsync()).Array.Id);
        Assert.Null(await _store.ArrayStandingAsync(new JobId(2)));
    }

    [Fact]
    public async Task Endings_come_in_groups_with_the_largest_first()
    {
        Ending[] endings =
        [
            new Ending.Exited(0), new Ending.Exited(3), new Ending.LaunchFailed(LaunchFailure.NoSuchProgram, "there is no a"), new Ending.Exited(3),
            new Ending.LaunchFailed(LaunchFailure.NoSuchProgram, "there is no b"), new Ending.Exited(3),
        ];
        await _store.CommitAsync([.. endings.Select((ending, i) => Facts.End(2 + i, JobState.Queued) with { End = Facts.Ending(ending) })]);
        IReadOnlyList<ArrayEndingRow> groups = await _store.ArrayEndingsAsync(s_array, examples: 2);
        Assert.Equal([endings[1], endings[2], endings[0]], groups.Select(group => group.Ending));
        Assert.Equal([3, 2, 1], groups.Select(group => group.Count));
        Assert.Equal([[10, 30], [20, 40], [0]], groups.Select(group => group.Examples));
        Assert.Empty(await _store.UnfinishedArraysAsync());
    }

    [Fact]
    public async Task Asking_for_the_end_of_many_leaves_out_those_that_have_ended()
    {
        await _store.CommitAsync(Facts.End(3, JobState.Queued));
        var order = new StopOrder("ada", "enough", 0);
        await _store.CommitAsync(new Change.ManyCancelRequested([.. new long[] { 2, 3, 4 }.Select(id => new Change.CancelRequested(
            new JobId(id), 1, order, Facts.Event(JobEventKind.CancelRequested, JobState.Queued), 5))]));
        Assert.Equal([order, null, order], (await Task.WhenAll(new long[] { 2, 3, 4 }.Select(id => _store.JobAsync(new JobId(id))))).Select(job => job!.Cancel));
        Assert.DoesNotContain(await _store.EventsAsync(new JobId(3)), happened => happened.Kind == JobEventKind.CancelRequested);
    }

    private static ArrayRow Row(JobId id) => new()
    {
        Id = id,
        User = Facts.User,
        Name = "orbits",
        SubmittedAt = Facts.Noon,
        Count = 6,
        Job = new JobSpec { Command = ["./simulate"] },
        Indices = "0-50:10",
        AtOnce = 3,
    };

    private static Change.JobSubmitted Element(JobId array, int position)
    {
        Change.JobSubmitted submitted = Facts.Submit(array.Value + 1 + position);
        return submitted with { Job = submitted.Job with { Spec = Row(array).Job, Array = array, ArrayIndex = position * 10 } };
    }
}
