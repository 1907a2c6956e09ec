using Drover.Server.Supervision;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Api;

/// <summary>
/// Lets a path name a job by its place in an array, <c>/jobs/17_3/…</c>: what answers the request finds the job's number
/// there. After routing.
/// </summary>
internal sealed class ElementNumbers(RequestDelegate next, EventLoop loop, Supervisor supervisor, Callers callers)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (http.Request.RouteValues["id"] is string text && text.Contains('_')
            && JobRef.TryParse(text, null, out JobRef job) && job.Index is not null
            && http.Request.Path.StartsWithSegments("/api/v1/jobs", StringComparison.OrdinalIgnoreCase))
        {
            Caller caller = await callers.UserAsync(http);
            JobId id = await loop.InvokeAsync(() => supervisor.NumberOfAsync(caller, job), "find a job of an array");
            http.Request.RouteValues["id"] = id.ToString();
        }

        await next(http);
    }
}
