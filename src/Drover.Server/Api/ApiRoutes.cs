using Drover.Server.Api.Events;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Api;

/// <summary>Everything that can be asked of the server over HTTP.</summary>
internal static class ApiRoutes
{
    /// <summary>What all paths of users begin with.</summary>
    internal const string Root = "/api/v1";

    internal static void Map(IEndpointRouteBuilder app, ServerParts server, Callers callers)
    {
        (EventLoop loop, Supervisor supervisor, Storage.Store store) = (server.Loop, server.Supervisor, server.Store);
        RouteGroupBuilder api = app.MapGroup(Root);
        ((IEndpointConventionBuilder)api).Add(AnswerHead);
        new HealthApi(server, TimeProvider.System).Map(app);
        new JobsApi(loop, supervisor, store, callers).Map(api);
        new ArraysApi(loop, supervisor, callers).Map(api);
        var files = new JobFiles(supervisor);
        var followed = new FollowedLogs();
        new FilesApi(loop, supervisor, files, followed, callers).Map(api);
        new ResultsApi(loop, files, callers).Map(api);
        EventHub hub = app.ServiceProvider.GetRequiredService<EventHub>();
        supervisor.Agents.OnProgress = hub.Progressed;
        new EventsApi(loop, supervisor, store, hub, callers).Map(api);
        new LogEventsApi(loop, supervisor, files, followed, callers, TimeProvider.System).Map(api);
        new ExecApi(loop, new JobExecs(supervisor, files), callers).Map(api);
        new InputsApi(loop, supervisor, server.Inputs, server.Manifests, server.Quota, callers).Map(api, app);
        new AdminApi(server, callers, TimeProvider.System).Map(api);
        new TokensApi(store, callers, TimeProvider.System, server.Logs.CreateLogger<TokensApi>()).Map(api);
        new DescriptionApi(app, Root).Map(api);
        new AgentConnections(
            loop, supervisor.Agents, callers, server.Options, server.Logs.CreateLogger<AgentConnections>(), server.Stopping).Map(app);
    }

    /// <summary>Whatever can be got can be asked about: the web server leaves out the body.</summary>
    private static void AnswerHead(EndpointBuilder route)
    {
        int index = route.Metadata.ToList().FindIndex(fact => fact is HttpMethodMetadata { HttpMethods: ["GET"] });
        if (index >= 0)
        {
            route.Metadata[index] = new HttpMethodMetadata(["GET", "HEAD"]);
        }
    }
}
