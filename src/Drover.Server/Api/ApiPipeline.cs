using System.Diagnostics;
using Drover.Server.Api.Events;
using Drover.Server.Hosting;
using Drover.Server.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Api;

/// <summary>
/// All of the API as one <see cref="RequestDelegate"/>, with routing, WebSockets and errors of its own: nothing of the
/// application around it changes what it answers, and it answers nothing else.
/// </summary>
internal sealed class ApiPipeline : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    internal ApiPipeline(ServerParts server)
    {
        var services = new ServiceCollection();
        services.AddSingleton(server.Logs);
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddSingleton(new DiagnosticListener("Drover.Server"));
        services.AddOptions();
        services.AddRoutingCore();
        services.AddSingleton(_ => new EventHub(server.Store, TimeProvider.System, server.Stopping));
        _services = services.BuildServiceProvider();

        var pipeline = new ApplicationBuilder(_services);
        pipeline.UseMiddleware<Problems>();
        pipeline.Use(LimitBody);
        pipeline.UseWebSockets();
        pipeline.UseRouting();
        pipeline.Use(RequestTraces.Trace);
        var users = new HostUsers(server.Store, server.Surroundings.FindUser, TimeProvider.System);
        var callers = new Callers(server.Store, users, TimeProvider.System);
        pipeline.UseMiddleware<ElementNumbers>(server.Loop, server.Supervisor, callers);
        pipeline.UseEndpoints(routes => ApiRoutes.Map(routes, server, callers));
        AnswerAsync = pipeline.Build();
    }

    /// <summary>Answers a request, whose path is that of the API.</summary>
    internal RequestDelegate AnswerAsync { get; }

    /// <summary>Every route that it answers, as <c>GET /api/v1/jobs</c>; one for any method as <c>* /agent/v1/connect</c>.</summary>
    internal IReadOnlyList<string> Routes =>
    [
        .. _services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(route => (route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]).Select(method => $"{method} {route.RoutePattern.RawText}"))
            .Order(StringComparer.Ordinal),
    ];

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    /// <summary>What is no file is small; those who take files lift the limit.</summary>
    private static RequestDelegate LimitBody(RequestDelegate next) => http =>
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = JsonBodies.MaxBytes;
        }

        return next(http);
    };
}
