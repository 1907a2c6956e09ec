using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Drover.Bench.Cases;

namespace Drover.Bench.Runtime;

/// <summary>One repetition of one case for one peer, in fresh processes.</summary>
internal static class CaseRun
{
    private const int BusyConnections = 100;
    private const int IdleConnections = 10_000;

    /// <summary>Whatever goes wrong is the result: the other peers go on.</summary>
    public static async Task<CaseResult> RunAsync(BenchmarkCase benchmark, Peer peer)
    {
        try
        {
            return benchmark.Kind switch
            {
                CaseKind.SelfMeasured => FromReport(await ChildProcess.RunAsync(peer.FileName, [.. peer.Arguments, benchmark.Name])),
                CaseKind.EchoRequests => await AgainstEchoServerAsync(peer, DriveAsync),
                CaseKind.EchoIdle => await AgainstEchoServerAsync(peer, HoldIdleAsync),
                _ => throw new UnreachableException(),
            };
        }
        catch (BenchmarkException failure)
        {
            return new CaseResult.Failed(failure.Message);
        }
        catch (JsonException failure)
        {
            return new CaseResult.Failed($"it did not print one line of JSON ({failure.Message})");
        }
    }

    private static CaseResult FromReport(string line)
    {
        var report = PeerReport.Parse(line);
        return report.Value is { } value ? new CaseResult.Measured(value, report.Note) : new CaseResult.Unsupported();
    }

    private static async Task<CaseResult> AgainstEchoServerAsync(Peer peer, Func<EchoServerProcess, Task<CaseResult>> load)
    {
        await using var server = await EchoServerProcess.StartAsync(peer);
        return server is null ? new CaseResult.Unsupported() : await load(server);
    }

    private static async Task<CaseResult> DriveAsync(EchoServerProcess server)
    {
        await using var load = StartLoad("rps", server.Port, BusyConnections, 1, 3);
        return FromReport(await load.ReadToSuccessAsync());
    }

    private static async Task<CaseResult> HoldIdleAsync(EchoServerProcess server)
    {
        await using var load = StartLoad("idle", server.Port, IdleConnections);
        await load.ReadLineAsync();
        var before = ProcessMemory.ResidentBytes(server.ProcessId);
        await load.WriteLineAsync("open");
        await load.ReadLineAsync();
        var grown = ProcessMemory.ResidentBytes(server.ProcessId) - before;
        return new CaseResult.Measured(grown / 1024.0 / IdleConnections);
    }

    private static ChildProcess StartLoad(string kind, params int[] numbers) =>
        File.Exists(Repository.GoProgram)
            ? ChildProcess.Start(
                Repository.GoProgram,
                ["load", kind, .. numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))])
            : throw new BenchmarkException("the load generator is not built: it needs Go (Debian package golang-go)");
}
