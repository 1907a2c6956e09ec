using Drover.Server.Configuration;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Api;

/// <summary>Everything that can be asked of the server over HTTP.</summary>
internal static class ApiRoutes
{
    internal static void Map(
        WebApplication app,
        ServerOptions options,
        DataFolder folder,
        EventLoop loop,
        Supervisor supervisor,
        Store store,
        Action stop,
        CancellationToken stopping)
    {
        var callers = new Callers(store, TimeProvider.System);
        RouteGroupBuilder api = app.MapGroup("/api/v1");
        new JobsApi(loop, supervisor, store, callers).Map(api);
        new FilesApi(loop, supervisor, new JobFiles(supervisor), callers).Map(api);
        new AdminApi(loop, supervisor, store, callers, folder, TimeProvider.System, stop).Map(api);
        new AgentConnections(
            loop, supervisor.Agents, callers, options, app.Services.GetRequiredService<ILogger<AgentConnections>>(), stopping).Map(app);
    }
}
