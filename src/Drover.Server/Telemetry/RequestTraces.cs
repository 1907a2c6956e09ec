using System.Diagnostics;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Drover.Server.Telemetry;

/// <summary>
/// Requests as spans: those that change something, because a trace begins with them. A trace that the caller is in already
/// goes on (https://www.w3.org/TR/trace-context/).
/// </summary>
internal static class RequestTraces
{
    /// <summary>Makes a span of a request, when somebody listens.</summary>
    internal static RequestDelegate Trace(RequestDelegate next) => http =>
        JobTelemetry.Source.HasListeners() && HttpMethods.IsPost(http.Request.Method) && http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
            ? TraceAsync(next, http)
            : next(http);

    /// <summary>The span that a request's doings belong to, as a traceparent; null when nobody traces.</summary>
    internal static string? Of(HttpContext http, Caller caller)
    {
        if (Activity.Current is { Source.Name.Length: > 0 } current)
        {
            current.SetTag("drover.user", caller.User);
            return current.Id;
        }

        return TryParse(http, out _) ? http.Request.Headers.TraceParent.ToString() : null;
    }

    private static async Task TraceAsync(RequestDelegate next, HttpContext http)
    {
        string route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "";
        using Activity? span = JobTelemetry.Source.StartActivity($"{http.Request.Method} {route}", ActivityKind.Server, Parent(http));
        await next(http);
        span?.SetTag("http.request.method", http.Request.Method);
        span?.SetTag("http.route", route);
        span?.SetTag("http.response.status_code", http.Response.StatusCode);
    }

    /// <summary>An activity without a source is one that the web server made for its log only: nobody would see it.</summary>
    private static ActivityContext Parent(HttpContext http) =>
        Activity.Current is { Source.Name.Length: > 0 } current ? current.Context
            : TryParse(http, out ActivityContext parent) ? parent
            : default;

    private static bool TryParse(HttpContext http, out ActivityContext context)
    {
        context = default;
        return http.Request.Headers.TraceParent is [{ } parent]
            && ActivityContext.TryParse(parent, http.Request.Headers.TraceState, isRemote: true, out context);
    }
}
