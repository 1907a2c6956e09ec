using System.Globalization;
using Drover.Bench.Orchestration;
using Drover.Bench.Runtime.Cases;

namespace Drover.Bench.Runtime;

/// <summary>The cases in which the load generator drives a peer's echo server.</summary>
internal static class EchoLoad
{
    private const int BusyConnections = 100;
    private const int IdleConnections = 10_000;

    /// <summary>Requests per second over busy connections.</summary>
    public static Task<PeerReport?> DriveAsync(Peer peer) => AgainstEchoServerAsync(peer, async server =>
    {
        await using var load = StartLoad("rps", server.Port, BusyConnections, 1, 3);
        return PeerReport.Parse(await load.ReadToSuccessAsync());
    });

    /// <summary>Memory for each connection that is left idle.</summary>
    public static Task<PeerReport?> HoldIdleAsync(Peer peer) => AgainstEchoServerAsync(peer, async server =>
    {
        await using var load = StartLoad("idle", server.Port, IdleConnections);
        await load.ReadLineAsync();
        var before = ProcessMemory.ResidentBytes(server.ProcessId);
        await load.WriteLineAsync("open");
        await load.ReadLineAsync();
        var grown = ProcessMemory.ResidentBytes(server.ProcessId) - before;
        return new PeerReport(Value: grown / 1024.0 / IdleConnections);
    });

    private static async Task<PeerReport?> AgainstEchoServerAsync(Peer peer, Func<EchoServerProcess, Task<PeerReport>> load)
    {
        await using var server = await EchoServerProcess.StartAsync(peer);
        return server is null ? null : await load(server);
    }

    private static ChildProcess StartLoad(string kind, params int[] numbers) =>
        File.Exists(Repository.GoProgram)
            ? ChildProcess.Start(
                Repository.GoProgram,
                ["load", kind, .. numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))])
            : throw new BenchmarkException("the load generator is not built: it needs Go (Debian package golang-go)");
}
