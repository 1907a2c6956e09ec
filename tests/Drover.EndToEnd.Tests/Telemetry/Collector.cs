using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Drover.EndToEnd.Tests.Telemetry;

/// <summary>Takes traces and metrics by OTLP over HTTP, as a collector does.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Collector()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/v1/traces", http => TakeAsync(http, TakeTraces));
        _app.MapPost("/v1/metrics", http => TakeAsync(http, TakeMetrics));
    }

    internal string Url => _app.Urls.First();

    internal ConcurrentBag<Span> Spans { get; } = [];

    /// <summary>The names of the instruments that were measured, each with the service that did.</summary>
    internal ConcurrentDictionary<(string Service, string Instrument), bool> Instruments { get; } = new();

    internal static async Task<Collector> StartAsync()
    {
        var collector = new Collector();
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>The spans of a trace, once there are all of these names.</summary>
    internal async Task<IReadOnlyList<Span>> TraceAsync(string trace, params string[] names)
    {
        await Eventually.IsTrueAsync(
            () => names.All(name => Spans.Any(span => span.Trace == trace && span.Name == name)),
            $"{string.Join(", ", names)} in trace {trace}");
        return [.. Spans.Where(span => span.Trace == trace).OrderBy(span => span.Start)];
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task TakeAsync(HttpContext http, Action<Wire> take)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        take(new Wire(body.ToArray()));
        http.Response.ContentType = "application/x-protobuf";
    }

    // The numbers are those of opentelemetry/proto/trace/v1/trace.proto and metrics/v1/metrics.proto.
    private void TakeTraces(Wire request)
    {
        foreach (Wire resource in request.Messages(1))
        {
            string service = resource.Message(1).Attributes(1)["service.name"];
            foreach (Wire span in resource.Messages(2).SelectMany(scope => scope.Messages(2)))
            {
                Spans.Add(new Span(service, span.Text(5), span.Hex(1), span.Hex(2), span.Hex(4), span.Number(7), span.Number(8), span.Attributes(9)));
            }
        }
    }

    private void TakeMetrics(Wire request)
    {
        foreach (Wire resource in request.Messages(1))
        {
            string service = resource.Message(1).Attributes(1)["service.name"];
            foreach (Wire metric in resource.Messages(2).SelectMany(scope => scope.Messages(2)))
            {
                Instruments[(service, metric.Text(1))] = true;
            }
        }
    }
}
