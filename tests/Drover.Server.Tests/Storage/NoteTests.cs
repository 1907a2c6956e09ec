using Drover.Server.Storage;

namespace Drover.Server.Tests.Storage;

/// <summary>What is noted about a job while another commit moves it. Found by the simulation, seed 4.</summary>
public sealed class NoteTests
{
    [Fact]
    public async Task A_note_carries_the_state_that_is_stored_not_the_one_that_its_reporter_knew()
    {
        using var folder = new TemporaryFolder();
        await using Store store = await Facts.OpenWithUserAsync(folder.Path);
        await store.CommitAsync(Facts.Submit(1));
        await store.CommitAsync(Facts.Dispatch(1));

        await store.CommitAsync(new Change.CancelRequested(
            new JobId(1), 1, new StopOrder("ada", null, 10), Facts.Event(JobEventKind.CancelRequested, JobState.Queued), 3));

        Assert.Equal(
            [JobState.Queued, JobState.Starting, JobState.Starting],
            (await store.EventsAsync(new JobId(1))).Select(happened => happened.State));
    }
}
