namespace Drover.Server.Api.Description;

/// <content>Arrays and workflows.</content>
internal static partial class Operations
{
    private const string ArrayGroup = "arrays";

    private static IEnumerable<(string Route, Operation Operation)> Arrays() =>
    [
        ("POST /arrays", new Operation(ArrayGroup, "submitArray", "Submits up to 100,000 jobs that differ by an index: all of them are accepted, or none is.")
            .Header("Idempotency-Key", KeyHeader)
            .Takes<ArraySpec>()
            .AnswersJson<ArrayInfo>(201, "The array, which was accepted.")
            .Refuses(409, 422)),
        ("GET /arrays/{id}", OfArray("getArray", "An array as it is now, or at its end: how many of its jobs wait, run and have ended.")
            .Query("waitSeconds", "number", "Waits until all its jobs have ended, at most so long, up to 60. Default: 0.")
            .Query("until", "ended", "What it waits for; there is nothing else to wait for.")
            .Tagged()
            .AnswersJson<ArrayInfo>()
            .Refuses(400)),
        ("PATCH /arrays/{id}", OfArray("changeArray", "Changes what the jobs of an array ask for that wait, all in one step.")
            .Says("What runs goes on as it is, and so does what has ended. How many may run at once changes for all. What is not mentioned stays.")
            .Header("If-Match", "The ETag of the array as it is known: one that asks for something else since is left as it is. A change of a single one of its jobs does not count.")
            .Refuses(412)
            .Takes<ArrayChanges>()
            .AnswersJson<ArrayInfo>()
            .Refuses(409)),
        ("POST /arrays/{id}/cancel", OfArray("cancelArray", "Asks for the end of all jobs of an array.")
            .Says("Those that have ended stay as they are. Twice is as good as once.")
            .Takes<CancelRequest>(isOptional: true)
            .AnswersJson<ArrayInfo>(200, "All have ended.")
            .AnswersJson<ArrayInfo>(202, "The request is on disk; the ends come later.")),
        ("GET /arrays/{id}/explanation", OfArray("explainArray", "What the jobs of an array wait for, and how they ended, in groups.")
            .AnswersJson<ArrayExplanation>()),
        ("POST /workflows", new Operation(ArrayGroup, "submitWorkflow", "Submits jobs that depend on each other: all of them are accepted, or none is.")
            .Header("Idempotency-Key", KeyHeader)
            .Takes<Workflow>()
            .AnswersJson<WorkflowInfo>(201, "The numbers of its steps.")
            .Refuses(409, 422)),
    ];

    private static Operation OfArray(string name, string summary) =>
        new Operation(ArrayGroup, name, summary).Path("id", "The number of an array.").Refuses(404);
}
