using Drover.Server.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Drover.Server.Api;

/// <summary>
/// Whether the server can do its work, for load balancers and monitors: without a token, and so without anything that
/// nobody may know. However many ask, it is looked at once a second.
/// </summary>
internal sealed class HealthApi(ServerParts server, TimeProvider time)
{
    private const long LeastFreeBytes = 1 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_validFor = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<Health>? _health;
    private long _lookedAt;

    internal void Map(IEndpointRouteBuilder routes) => routes.MapGet("/healthz", HealthAsync);

    private async Task HealthAsync(HttpContext http)
    {
        Health health = await NowAsync();
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsync(
            health, ProtocolJson.Default.Health, health.IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private Task<Health> NowAsync()
    {
        lock (_lock)
        {
            if (_health is null || (_health.IsCompleted && time.GetElapsedTime(_lookedAt) > s_validFor))
            {
                _lookedAt = time.GetTimestamp();
                _health = LookAsync();
            }

            return _health;
        }
    }

    private async Task<Health> LookAsync()
    {
        HealthCheck[] checks = await Task.WhenAll(
            TimedAsync("loop", "it takes requests", () => server.Loop.InvokeAsync(static () => { }, "health")),
            TimedAsync("store", "the database answers", StoreAsync),
            TimedAsync("disk", "there is room", RoomAsync));
        return new Health { IsHealthy = checks.All(check => check.IsHealthy), Checks = checks };
    }

    private async Task<HealthCheck> TimedAsync(string name, string good, Func<Task> look)
    {
        long began = time.GetTimestamp();
        try
        {
            await look().WaitAsync(s_patience, time);
            return new HealthCheck(name, true, $"{good}; {Quantities.Duration(time.GetElapsedTime(began))}");
        }
        catch (TimeoutException)
        {
            return new HealthCheck(name, false, $"no answer within {Quantities.Duration(s_patience)}");
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException or CoroutineException or ObjectDisposedException)
        {
            return new HealthCheck(name, false, e switch
            {
                StorageException { Failure: StorageFailure.DiskFull } => "the disk is full",
                StorageException { Failure: StorageFailure.ReadOnly } => "it can only be read",
                StorageException => "the database fails; the server's log says how",
                CoroutineException or ObjectDisposedException => "the server is being stopped",
                _ => "it cannot be looked at",
            });
        }
    }

    /// <summary>Reads, and commits a change of nothing: that waits for the thread that writes.</summary>
    private async Task StoreAsync()
    {
        await server.Store.UserAsync("");
        await server.Store.CommitAsync(new Change.AnswersForgotten(DateTimeOffset.UnixEpoch));
    }

    /// <summary>Asking may hang with the disk, so it is a pool thread that waits.</summary>
    private async Task RoomAsync()
    {
        await Task.Yield();
        if (new DriveInfo(server.Folder.Path).AvailableFreeSpace < LeastFreeBytes)
        {
            throw new StorageException(StorageFailure.DiskFull, "There is no room.");
        }
    }
}
