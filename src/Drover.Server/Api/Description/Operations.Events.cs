using Drover.Server.Api.Events;

namespace Drover.Server.Api.Description;

/// <content>Streams of events.</content>
internal static partial class Operations
{
    private const string LastEventId = "The id of the last event that was received: the stream goes on after it. An EventSource sends it by itself.";
    private const string Begin = " The first event is named `begin`; its id is the place that the stream begins after.";
    private const string After = "The same as Last-Event-ID.";

    private static IEnumerable<(string Route, Operation Operation)> Events() =>
    [
        ("GET /events", new Operation("events", "watchJobs", "What happens to all jobs of the user, as server-sent events.")
            .Says("Begins with what happens from now on, or after an id; `after=0` begins with all that ever happened. Event names are those of the audit trail, data is the JSON of EventOfJob; events named `progress`, without an id, have the JSON of ProgressOfJob. Stays open." + Begin)
            .Header("Last-Event-ID", LastEventId)
            .Query("after", "integer", After)
            .Query("user", "string", "`all` watches everybody's jobs, for administrators.")
            .AnswersWith(200, EventAnswer.MediaType, "The events.")
            .Refuses(400, 429)),
        ("GET /jobs/{id}/events", OfJob("events", "watchJob", "What happens to a job, as server-sent events.")
            .Says("Begins with all that has happened, or after an id. Ends after the job's end." + Begin)
            .Header("Last-Event-ID", LastEventId)
            .Query("after", "integer", After)
            .AnswersWith(200, EventAnswer.MediaType, "The events.")
            .AnswersWith(204, null, "The job has ended, and nothing has happened since the id.")
            .Refuses(400, 429)),
        ("GET /jobs/{id}/log/events", OfJob("events", "watchLog", "What a job writes, as server-sent events.")
            .Says("Waits for the job to start, and goes on until it has ended. Events named `log` have the JSON of LogPiece; their ids are places in the log, in bytes, where the next piece begins: `17`, and `2:17` in that of a second attempt. When the job is tried again, the log of the next attempt follows. The last event is named `end`. Bytes that are not UTF-8 are replaced: the bytes themselves are had from the log." + Begin)
            .Query("stream", "stdout|stderr", "Which of the two. Default: stdout.")
            .Query("attempt", "integer", "Only this attempt's. Default: the last one's that has begun, and those that follow.")
            .Header("Last-Event-ID", LastEventId)
            .Query("after", "string", After)
            .AnswersWith(200, EventAnswer.MediaType, "The events.")
            .Refuses(400, 429)),
    ];
}
