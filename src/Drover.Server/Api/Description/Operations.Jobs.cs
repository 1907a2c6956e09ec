namespace Drover.Server.Api.Description;

/// <content>Jobs.</content>
internal static partial class Operations
{
    private const string Group = "jobs";
    private const string KeyHeader = "A word of the client's own. The same request with the same key, within a day, is answered as the first time, with `Idempotent-Replay: true`, and nothing is done twice.";

    private static IEnumerable<(string Route, Operation Operation)> Jobs() =>
    [
        ("POST /jobs", new Operation(Group, "submitJob", "Submits a job. When this is answered it is on disk, and will not be lost.")
            .Header("Idempotency-Key", KeyHeader)
            .Takes<JobSpec>()
            .AnswersJson<JobInfo>(200, "An earlier job, whose result is given back.")
            .AnswersJson<JobInfo>(201, "The job, which was accepted.")
            .Refuses(409, 422)),
        ("POST /jobs/batch", new Operation(Group, "submitJobs", "Submits up to 10,000 jobs at once: all of them are accepted, or none is.")
            .Header("Idempotency-Key", KeyHeader)
            .Takes<JobBatch>()
            .AnswersJson<JobList>(200, "Earlier jobs, all of them, whose results are given back.")
            .AnswersJson<JobList>(201, "The jobs, in the order of the request.")
            .Refuses(409, 422)),
        ("GET /jobs", new Operation(Group, "listJobs", "Lists jobs, newest first.")
            .Says("A page may have fewer jobs than its limit, also none, and `next` all the same: a filter that finds little looks at so many jobs at a time.")
            .Query("state", JobFilters.States, "Which jobs: in a state, or with a kind of ending. Default: all.")
            .Query("site", "string", "Only those of this site.")
            .Query("name", "string", "Only those whose name matches this pattern of `*` and `?`.")
            .Query("array", "integer", "Only the jobs of this array.")
            .Query("sort", "submitted|ended|priority", "`ended` lists those that ended last first, `priority` those that have not ended, the highest priority first, then the lowest number: so one user's are served. Default: submitted, the last one first.")
            .Query("limit", "integer", "How many at most, 1 to 1000. Default: 50.")
            .Query("before", "integer", "Where the page begins: `next` of the page before.")
            .Query("user", "string", "Another user's, or `all`; for administrators.")
            .Tagged()
            .AnswersJson<JobList>()
            .Refuses(400)),
        ("GET /jobs/{id}", OfJob(Group, "getJob", "A job as it is now, or after a change.")
            .Query("waitSeconds", "number", "Waits for a change or the end at most so long, up to 60. Default: 0.")
            .Query("until", "ended", "Waits for the end instead of any change.")
            .Query("after", "integer", "Waits for a later revision than this one.")
            .Tagged()
            .AnswersJson<JobInfo>()
            .Refuses(400)),
        ("PATCH /jobs/{id}", OfJob(Group, "changeJob", "Changes what a job asks for.")
            .Says("Priority, time limit and hold change while it waits, also for its next attempt; whether its files are kept, until they are removed. What is not mentioned stays.")
            .Header("If-Match", "The ETag of the job as it is known: a job that has changed since is left as it is.")
            .Refuses(412)
            .Takes<JobChanges>()
            .AnswersJson<JobInfo>()
            .Refuses(409)),
        ("GET /jobs/{id}/attempts", OfJob(Group, "listAttempts", "Every attempt of a job, oldest first, each with its ending.")
            .AnswersJson<IReadOnlyList<AttemptInfo>>()),
        ("POST /jobs/{id}/cancel", OfJob(Group, "cancelJob", "Asks for a job's end.")
            .Says("A job that has ended stays as it is. Twice is as good as once.")
            .Takes<CancelRequest>(isOptional: true)
            .AnswersJson<JobInfo>(200, "It has ended.")
            .AnswersJson<JobInfo>(202, "The request is on disk; the end comes later.")),
        ("GET /jobs/{id}/explanation", OfJob(Group, "explainJob", "Why a job waits, or why it ended, with everything that happened to it.")
            .AnswersJson<Explanation>()),
        ("POST /jobs/{id}/exec", OfJob(Group, "execInJob", "Runs a short command in a job's run directory, also while the job runs.")
            .Says("The answer is a stream of frames: a byte that says what it is (1 output, 2 errors, 3 the result), four bytes of length (big endian), and so many bytes. The last frame is the result, as the JSON of ExecResult; an answer without one was broken off. Whoever ends the request ends the command.")
            .Takes<ExecSpec>()
            .AnswersWith(200, ExecFrames.MediaType, "What the command writes, and how it ended.")
            .Refuses(409)),
    ];
}
