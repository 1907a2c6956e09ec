using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Drover.Server.Api;

/// <summary>Short commands beside jobs over HTTP.</summary>
internal sealed class ExecApi(EventLoop loop, JobExecs execs, Callers callers)
{
    internal void Map(IEndpointRouteBuilder routes) => routes.MapPost("/jobs/{id}/exec", ExecAsync);

    /// <summary>
    /// A client that takes its answer slower than the web server's least rate is cut off: it would keep one of the agent's
    /// few slots.
    /// </summary>
    private async Task ExecAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = JobsApi.IdOf(http);
        ExecSpec spec = await http.Request.ReadAsync(ProtocolJson.Default.ExecSpec);
        PendingOp op = await loop.InvokeAsync(() => execs.BeginAsync(caller, id, spec), "exec", http.RequestAborted);
        await AgentAnswer.SendAsync(http, loop, op, _ => http.Response.ContentType = ExecFrames.MediaType);
    }
}
