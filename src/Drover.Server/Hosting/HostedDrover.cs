using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Hosting;

/// <summary>
/// Starts and stops the server with the application: it runs before the first request comes in, says where it is once the
/// application listens, and lets agents go before the application waits for its connections to end.
/// </summary>
internal sealed partial class HostedDrover(
    DroverHost drover, ILogger<DroverHost> log, EndpointDataSource? endpoints = null, IServer? web = null) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => drover.StartAsync();

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (endpoints is null || DroverHosting.FindPath(endpoints) is not { } path)
        {
            LogNotMapped();
        }
        else if (FindUrl() is { } url)
        {
            drover.Announce(url.TrimEnd('/') + path);
        }
        else
        {
            LogNoAddress();
        }

        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken) => await drover.LeaveAsync();

    public async Task StopAsync(CancellationToken cancellationToken) => await drover.DisposeAsync();

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Agents of this machine come over the loopback address: plain HTTP, when there is a choice.</summary>
    private string? FindUrl()
    {
        if (drover.Options.Url is { } given)
        {
            return given.AbsoluteUri;
        }

        IEnumerable<string> addresses = web?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        return addresses
            .OrderBy(address => address.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            .FirstOrDefault()?
            .Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://+", "://127.0.0.1", StringComparison.Ordinal);
    }

    [LoggerMessage(LogLevel.Warning, "Drover is not mapped: no agent can connect, and no job runs. Call app.MapDrover()")]
    private partial void LogNotMapped();

    [LoggerMessage(LogLevel.Warning, "The application has no address that agents of this machine could use: set the option Url of AddDrover")]
    private partial void LogNoAddress();
}
