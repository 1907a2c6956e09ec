using System.Globalization;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Drover.Server.Api;

/// <summary>Jobs over HTTP: submit, list, wait, cancel, explain.</summary>
internal sealed class JobsApi(EventLoop loop, Supervisor supervisor, Store store, Callers callers)
{
    private const int MostInOnePage = 1000;
    private const int MostInOneBatch = 10_000;
    internal const double LongestWaitSeconds = 60;

    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/jobs", SubmitAsync);
        routes.MapPost("/jobs/batch", SubmitAllAsync);
        routes.MapGet("/jobs", ListAsync);
        routes.MapGet("/jobs/{id}", GetAsync);
        routes.MapPatch("/jobs/{id}", ChangeAsync);
        routes.MapGet("/jobs/{id}/attempts", AttemptsAsync);
        routes.MapPost("/jobs/{id}/cancel", CancelAsync);
        routes.MapGet("/jobs/{id}/explanation", ExplainAsync);
    }

    /// <summary>The number of the job that a path names.</summary>
    internal static JobId IdOf(HttpContext http) => JobId.TryParse((string?)http.Request.RouteValues["id"], null, out JobId id)
        ? id
        : throw new ApiException(404, "notFound", $"There is no job '{http.Request.RouteValues["id"]}': jobs have numbers.");

    private async Task SubmitAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobSpec spec = await http.Request.ReadAsync(ProtocolJson.Default.JobSpec);
        RequestKey? key = IdempotencyKeys.Of(http, spec, ProtocolJson.Default.JobSpec);
        (IReadOnlyList<JobInfo> jobs, bool isReplay) = await loop.InvokeAsync(() => supervisor.SubmitAsync(caller, [spec], key), "submit");
        IdempotencyKeys.Tell(http, isReplay);
        http.Response.Headers.Location = $"{http.Request.PathBase}/api/v1/jobs/{jobs[0].Id}";
        await http.Response.WriteAsync(jobs[0], ProtocolJson.Default.JobInfo, Submitted(jobs));
    }

    private async Task SubmitAllAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = JsonBodies.MaxBatchBytes;
        JobBatch batch = await http.Request.ReadAsync(ProtocolJson.Default.JobBatch);
        if (batch.Jobs.Count is < 1 or > MostInOneBatch || batch.Jobs.Any(spec => spec is null))
        {
            throw ApiException.Bad($"A batch has 1 to {MostInOneBatch} jobs, none of them null; this one has {batch.Jobs.Count}.");
        }

        RequestKey? key = IdempotencyKeys.Of(http, batch, ProtocolJson.Default.JobBatch);
        (IReadOnlyList<JobInfo> jobs, bool isReplay) = await loop.InvokeAsync(
            () => supervisor.SubmitAsync(caller, batch.Jobs, key), "submit a batch");
        IdempotencyKeys.Tell(http, isReplay);
        await http.Response.WriteAsync(new JobList { Jobs = jobs }, ProtocolJson.Default.JobList, Submitted(jobs));
    }

    /// <summary>Nothing was made when all results are earlier ones.</summary>
    private static int Submitted(IReadOnlyList<JobInfo> jobs) =>
        jobs.All(job => job.IsReused) ? StatusCodes.Status200OK : StatusCodes.Status201Created;

    private async Task ListAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        IQueryCollection query = http.Request.Query;
        int limit = (int)Number(query, "limit", 50, 1, MostInOnePage);
        JobId? before = Id(query, "before", "a job");
        JobId? array = Id(query, "array", "an array");
        JobPage page = await store.JobsAsync(JobFilters.Of(query, caller, array), before, limit);
        IReadOnlyList<JobInfo> jobs = await loop.InvokeAsync(() => supervisor.Show(page.Rows), "list");
        await http.WriteTaggedAsync(new JobList { Jobs = jobs, Next = page.Next }, ProtocolJson.Default.JobList);
    }

    private async Task GetAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = IdOf(http);
        IQueryCollection query = http.Request.Query;
        TimeSpan wait = TimeSpan.FromSeconds(Number(query, "waitSeconds", 0, 0, LongestWaitSeconds));
        JobInfo job = wait == TimeSpan.Zero
            ? await loop.InvokeAsync(() => supervisor.FindAsync(caller, id), "get")
            : await loop.InvokeAsync(() => supervisor.WaitAsync(caller, id, wait, Enough(query)), "wait", http.RequestAborted);
        await http.WriteTaggedAsync(job, ProtocolJson.Default.JobInfo, job.Revision);
    }

    private async Task CancelAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = IdOf(http);
        CancelRequest request = await http.Request.ReadOrAsync(ProtocolJson.Default.CancelRequest, new CancelRequest());
        JobInfo job = await loop.InvokeAsync(() => supervisor.CancelAsync(caller, id, request), "cancel");
        await http.Response.WriteAsync(job, ProtocolJson.Default.JobInfo, job.State.IsOver() ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    private async Task ChangeAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = IdOf(http);
        JobChanges changes = await http.Request.ReadAsync(ProtocolJson.Default.JobChanges);
        JobInfo job = await loop.InvokeAsync(
            () => supervisor.ChangeAsync(caller, id, changes, job => EntityTags.CheckMatch(http, job)), "change");
        await http.WriteTaggedAsync(job, ProtocolJson.Default.JobInfo, job.Revision);
    }

    private async Task AttemptsAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = IdOf(http);
        await loop.InvokeAsync(() => supervisor.FindAsync(caller, id), "attempts");
        await http.Response.WriteAsync(await store.AttemptsAsync(id), ProtocolJson.Default.IReadOnlyListAttemptInfo);
    }

    private async Task ExplainAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = IdOf(http);
        JobInfo job = await loop.InvokeAsync(() => supervisor.FindAsync(caller, id), "explain");
        IReadOnlyList<JobEvent> events = await store.EventsAsync(id);
        await http.Response.WriteAsync(Explanations.Of(job, events), ProtocolJson.Default.Explanation);
    }

    /// <summary>What a long poll waits for: the end, or a revision later than one that the client has.</summary>
    private static Func<JobInfo, bool> Enough(IQueryCollection query)
    {
        switch ((string?)query["until"])
        {
            case "ended":
                return static job => job.State.IsOver();
            case null or "":
                long after = (long)Number(query, "after", 0, 0, long.MaxValue);
                return job => job.Revision > after;
            case string other:
                throw ApiException.Bad($"until is 'ended', not '{other}'.");
        }
    }

    private static JobId? Id(IQueryCollection query, string name, string what) => (string?)query[name] is not { Length: > 0 } text ? null
        : JobId.TryParse(text, null, out JobId id) ? id
        : throw ApiException.Bad($"{name} is the number of {what}, not '{text}'.");

    internal static double Number(IQueryCollection query, string name, double otherwise, double min, double max)
    {
        string? text = query[name];
        return string.IsNullOrEmpty(text) ? otherwise
            : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value >= min && value <= max ? value
            : throw ApiException.Bad(string.Create(CultureInfo.InvariantCulture, $"{name} is a number from {min} to {max}, not '{text}'."));
    }
}
