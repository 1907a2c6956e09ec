using System.CommandLine;
using System.Text.Json.Nodes;
using Drover.Bench.Jobs.Peers;
using Drover.Bench.Orchestration;
using Drover.Coroutines;

namespace Drover.Bench.Jobs;

/// <summary><c>Drover.Bench jobs-peer NAME CASE</c>: one case of one peer, which this process starts and stops.</summary>
internal static class JobsPeerCommand
{
    public const string Name = "jobs-peer";

    /// <summary>In the order of the table.</summary>
    public static IReadOnlyList<KeyValuePair<string, JobsPeer>> Peers { get; } =
    [
        new(Peer.Reference, DroverPeer.Peer),
        new("bare", BarePeer.Peer),
        new("xargs", XargsPeer.Xargs),
        new("parallel", XargsPeer.Parallel),
        new("celery", CeleryPeer.Create(isDurable: false)),
        new("celery-durable", CeleryPeer.Create(isDurable: true)),
        new("slurm", SlurmPeer.Peer),
        new("cp", CopyPeers.Cp),
        new("tar", CopyPeers.Tar),
        new("nginx", CopyPeers.Nginx),
    ];

    public static Command Create()
    {
        var peers = new Dictionary<string, JobsPeer>(Peers, StringComparer.Ordinal);
        var peerArgument = new Argument<string>("peer") { Description = string.Join(", ", peers.Keys) };
        peerArgument.AcceptOnlyFromAmong([.. peers.Keys]);
        var caseArgument = new Argument<string>("case") { Description = "a case's name" };
        var command = new Command(Name, "Measure one case of one way to run jobs.") { peerArgument, caseArgument };
        command.SetAction((parsed, _) => RunAsync(peers[parsed.GetRequiredValue(peerArgument)], parsed.GetRequiredValue(caseArgument)));
        return command;
    }

    private static async Task<int> RunAsync(JobsPeer peer, string name)
    {
        try
        {
            var found = peer.Cases.TryGetValue(name, out var measure) ? EventLoop.Run(measure) : null;
            var extra = found?.Note is { } note ? new JsonObject { ["note"] = note } : null;
            new PeerReport(name, Extra: extra, Values: found?.Values).Print();
            return 0;
        }
        catch (Exception failure) when (Cause(failure) is BenchmarkException cause)
        {
            await Console.Error.WriteLineAsync(cause.Message);
            return 1;
        }
    }

    /// <summary>Groups throw all that went wrong in them, with the first cause inside.</summary>
    private static Exception Cause(Exception failure) => failure is TaskGroupException { InnerException: { } inner } ? Cause(inner) : failure;
}
