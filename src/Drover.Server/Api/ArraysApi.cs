using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Drover.Server.Api;

/// <summary>Arrays and workflows over HTTP: submit, wait, cancel, explain.</summary>
internal sealed class ArraysApi(EventLoop loop, Supervisor supervisor, Callers callers)
{
    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/arrays", SubmitAsync);
        routes.MapGet("/arrays/{id}", GetAsync);
        routes.MapPatch("/arrays/{id}", ChangeAsync);
        routes.MapPost("/arrays/{id}/cancel", CancelAsync);
        routes.MapGet("/arrays/{id}/explanation", ExplainAsync);
        routes.MapPost("/workflows", SubmitWorkflowAsync);
    }

    private static JobId IdOf(HttpContext http) => JobId.TryParse((string?)http.Request.RouteValues["id"], null, out JobId id)
        ? id
        : throw new ApiException(404, "notFound", $"There is no array '{http.Request.RouteValues["id"]}': arrays have numbers.");

    private async Task SubmitAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        ArraySpec spec = await http.Request.ReadAsync(ProtocolJson.Default.ArraySpec);
        RequestKey? key = IdempotencyKeys.Of(http, spec, ProtocolJson.Default.ArraySpec);
        (ArrayInfo array, bool isReplay) = await loop.InvokeAsync(() => supervisor.SubmitArrayAsync(caller, spec, key), "submit an array");
        IdempotencyKeys.Tell(http, isReplay);
        http.Response.Headers.Location = $"{http.Request.PathBase}/api/v1/arrays/{array.Id}";
        await http.Response.WriteAsync(array, ProtocolJson.Default.ArrayInfo, StatusCodes.Status201Created);
    }

    private async Task GetAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = IdOf(http);
        IQueryCollection query = http.Request.Query;
        TimeSpan wait = TimeSpan.FromSeconds(JobsApi.Number(query, "waitSeconds", 0, 0, JobsApi.LongestWaitSeconds));
        if ((string?)query["until"] is { Length: > 0 } until && until != "ended")
        {
            throw ApiException.Bad($"until is 'ended', not '{until}'.");
        }

        ArrayInfo array = wait == TimeSpan.Zero
            ? await loop.InvokeAsync(() => supervisor.FindArrayAsync(caller, id), "get an array")
            : await loop.InvokeAsync(() => supervisor.WaitForArrayAsync(caller, id, wait), "wait for an array", http.RequestAborted);
        await http.WriteTaggedAsync(array, ProtocolJson.Default.ArrayInfo, EntityTags.RevisionOf(array));
    }

    private async Task ChangeAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = IdOf(http);
        ArrayChanges changes = await http.Request.ReadAsync(ProtocolJson.Default.ArrayChanges);
        ArrayInfo array = await loop.InvokeAsync(
            () => supervisor.ChangeArrayAsync(caller, id, changes, known => EntityTags.CheckMatch(http, known)), "change an array");
        await http.WriteTaggedAsync(array, ProtocolJson.Default.ArrayInfo, EntityTags.RevisionOf(array));
    }

    private async Task CancelAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = IdOf(http);
        CancelRequest request = await http.Request.ReadOrAsync(ProtocolJson.Default.CancelRequest, new CancelRequest());
        ArrayInfo array = await loop.InvokeAsync(() => supervisor.CancelArrayAsync(caller, id, request), "cancel an array");
        await http.Response.WriteAsync(
            array, ProtocolJson.Default.ArrayInfo, array.IsOver ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    private async Task ExplainAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = IdOf(http);
        ArrayExplanation story = await loop.InvokeAsync(() => supervisor.ExplainArrayAsync(caller, id), "explain an array");
        await http.Response.WriteAsync(story, ProtocolJson.Default.ArrayExplanation);
    }

    private async Task SubmitWorkflowAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = JsonBodies.MaxBatchBytes;
        Workflow workflow = await http.Request.ReadAsync(ProtocolJson.Default.Workflow);
        RequestKey? key = IdempotencyKeys.Of(http, workflow, ProtocolJson.Default.Workflow);
        (WorkflowInfo accepted, bool isReplay) = await loop.InvokeAsync(
            () => supervisor.SubmitWorkflowAsync(caller, workflow, key), "submit a workflow");
        IdempotencyKeys.Tell(http, isReplay);
        await http.Response.WriteAsync(accepted, ProtocolJson.Default.WorkflowInfo, StatusCodes.Status201Created);
    }
}
