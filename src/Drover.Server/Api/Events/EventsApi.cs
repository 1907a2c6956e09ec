using System.Globalization;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Drover.Server.Api.Events;

/// <summary>What happens to jobs over HTTP, as server-sent events.</summary>
internal sealed class EventsApi(EventLoop loop, Supervisor supervisor, Store store, EventHub hub, Callers callers)
{
    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/events", AllAsync);
        routes.MapGet("/jobs/{id}/events", OfJobAsync);
    }

    /// <summary>The place after which a stream begins: what a browser's EventSource says when it connects anew, or the query.</summary>
    internal static long? After(HttpContext http, long least = 0)
    {
        string? text = http.Request.Headers["Last-Event-ID"];
        string name = "Last-Event-ID";
        if (string.IsNullOrEmpty(text))
        {
            (text, name) = (http.Request.Query["after"], "after");
        }

        return string.IsNullOrEmpty(text) ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long after) && after >= least ? after
            : throw ApiException.Bad($"{name} is the id of an event, a whole number, not '{text}'.");
    }

    private async Task AllAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        string? user = (string?)http.Request.Query["user"] switch
        {
            null or "" => caller.User,
            "all" when caller.IsAdmin => null,
            string own when own == caller.User => own,
            "all" => throw ApiException.Forbidden($"Only administrators see everybody's jobs, and {caller.User} is none."),
            string other => throw ApiException.Bad($"user is all, for administrators, not '{other}'."),
        };
        using EventWatch watch = hub.Watch(caller.User, user, job: null, After(http));
        await StreamAsync(http, watch, untilEnd: false);
    }

    private async Task OfJobAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = JobsApi.IdOf(http);
        long after = After(http) ?? 0;
        using EventWatch watch = hub.Watch(caller.User, user: null, id, after); // Before looking: an end in between is seen.
        JobInfo job = await loop.InvokeAsync(() => supervisor.FindAsync(caller, id), "events");
        if (job.State.IsOver() && (await store.EventsAfterAsync(null, id, after, long.MaxValue, 1)).Count == 0)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent; // An EventSource does not come again then.
            return;
        }

        await StreamAsync(http, watch, untilEnd: true);
    }

    private async Task StreamAsync(HttpContext http, EventWatch watch, bool untilEnd)
    {
        EventAnswer answer = await EventAnswer.BeginAsync(http, watch.Position.ToString(CultureInfo.InvariantCulture));
        if (HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        while (!hub.IsStopping)
        {
            IReadOnlyList<byte[]> frames = await hub.NextAsync(watch);
            await answer.WriteAsync(frames);
            if (untilEnd && watch.HasSeenEnd)
            {
                return;
            }

            if (frames.Count == 0)
            {
                await answer.WriteAsync(await watch.WaitAsync(http.RequestAborted));
            }
        }
    }
}
