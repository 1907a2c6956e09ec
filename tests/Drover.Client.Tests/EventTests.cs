using System.Text;

namespace Drover.Client.Tests;

public sealed class EventTests : ClientTest
{
    [Fact]
    public async Task A_stream_goes_on_after_a_broken_connection_with_none_missing_or_doubled()
    {
        Server.OnJob(SomeJobs.Running());
        Server.On("GET /api/v1/jobs/1/events", Stream(Event(3, "submitted", "queued"), Event(5, "started", "running"), "id: 6\nevent: sta"), Stream(Event(9, "ended", "ended")));
        Assert.Equal([3, 5, 9], await SequencesAsync(Job.EventsAsync()));
        Assert.Equal(["/api/v1/jobs/1/events?after=0", "/api/v1/jobs/1/events?after=5"], Server.Requests.Select(r => r.Split(' ')[1]).Where(r => r.Contains("events", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_place_that_was_told_before_anything_happened_is_where_it_goes_on()
    {
        Server.On("GET /api/v1/events", Stream("id: 41\nevent: begin\ndata: {}\n\n"), Stream(Event(42, "submitted", "queued")));
        await foreach (EventOfJob happened in Client.EventsAsync())
        {
            Assert.Equal(42, happened.Sequence);
            break;
        }

        Assert.Equal(["GET /api/v1/events", "GET /api/v1/events?after=41"], Server.Requests);
    }

    [Fact]
    public async Task Progress_and_heartbeats_are_no_events()
    {
        Server.OnJob(SomeJobs.Running());
        Server.On("GET /api/v1/jobs/1/events", Stream(
            ": heartbeat\n\n", "event: progress\ndata: {\"job\":1,\"progress\":{\"fraction\":0.5}}\n\n", Event(9, "ended", "ended")));
        var progress = new Collected();
        Assert.Equal([9], await SequencesAsync(Job.EventsAsync(progress: progress)));
        Assert.Equal(0.5, Assert.Single(progress.All).Progress.Fraction);
    }

    [Fact]
    public async Task A_job_of_which_nothing_more_can_happen_ends_the_stream()
    {
        Server.OnJob(SomeJobs.Ended());
        Server.On("GET /api/v1/jobs/1/events", http =>
        {
            http.Response.StatusCode = 204;
            return Task.CompletedTask;
        });
        Assert.Empty(await SequencesAsync(Job.EventsAsync(after: 9)));
    }

    [Fact]
    public async Task A_job_that_is_not_there_is_told() =>
        await Assert.ThrowsAsync<JobNotFoundException>(() => SequencesAsync(Job.EventsAsync()));

    private static async Task<List<long>> SequencesAsync(IAsyncEnumerable<EventOfJob> events)
    {
        var all = new List<long>();
        await foreach (EventOfJob happened in events)
        {
            all.Add(happened.Sequence);
        }

        return all;
    }

    private static string Event(long sequence, string kind, string state) =>
        $$"""
        id: {{sequence}}
        event: {{kind}}
        data: {"job":1,"sequence":{{sequence}},"at":"2026-01-01T00:00:00+00:00","attempt":1,"kind":"{{kind}}","state":"{{state}}","actor":"a","cause":"b"}


        """.ReplaceLineEndings("\n");

    private static Answer Stream(params string[] frames) => async http =>
    {
        http.Response.ContentType = "text/event-stream";
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(frames)));
    };

    private sealed class Collected : IProgress<ProgressOfJob>
    {
        internal List<ProgressOfJob> All { get; } = [];

        public void Report(ProgressOfJob value) => All.Add(value);
    }
}
