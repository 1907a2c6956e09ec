using System.CommandLine;
using Drover.Bench.Orchestration;
using Drover.Bench.Runtime.Cases;
using Drover.Bench.Runtime.Cases.Bcl;
using Drover.Bench.Runtime.Cases.Drover;

namespace Drover.Bench.Runtime;

/// <summary><c>Drover.Bench runtime-peer NAME CASE</c>: one case of one C# peer, in this process.</summary>
internal static class RuntimePeerCommand
{
    public const string Name = "runtime-peer";

    private static readonly Dictionary<string, PeerProgram> s_peers = new(StringComparer.Ordinal)
    {
        ["bcl"] = BclPeer.Program,
        ["drover"] = DroverPeer.Program,
    };

    public static Command Create()
    {
        var peerArgument = new Argument<string>("peer") { Description = "bcl or drover" };
        peerArgument.AcceptOnlyFromAmong([.. s_peers.Keys]);
        var caseArgument = new Argument<string>("case") { Description = "a case's name, or echo-server" };
        var command = new Command(Name, "Measure one case of one C# peer of the runtime.") { peerArgument, caseArgument };
        command.SetAction((parsed, _) => RunAsync(s_peers[parsed.GetRequiredValue(peerArgument)], parsed.GetRequiredValue(caseArgument)));
        return command;
    }

    private static async Task RunAsync(PeerProgram peer, string name)
    {
        if (name == EchoServerProcess.CaseName && peer.RunEchoServer is { } runEchoServer)
        {
            await ServeAsync(runEchoServer);
            return;
        }

        var found = peer.Cases.TryGetValue(name, out var measure) ? await measure() : null;
        var unit = found is null ? null : RuntimeSuite.Suite.Cases.First(each => each.Name == name).Metrics[0].Unit;
        new PeerReport(name, found?.Value, unit, found?.Extra).Print();
    }

    /// <summary>Serves until standard input closes. Neither wait takes a thread of the pool, which the server may need.</summary>
    private static async Task ServeAsync(Func<Action<int>, Task> runEchoServer)
    {
        var inputClosed = OnOwnThreadAsync(() =>
        {
            using var input = Console.OpenStandardInput();
            input.CopyTo(Stream.Null);
            return Task.CompletedTask;
        });
        var serving = OnOwnThreadAsync(() => runEchoServer(port => new PeerReport(Port: port).Print()));
        await await Task.WhenAny(inputClosed, serving);
    }

    private static Task OnOwnThreadAsync(Func<Task> body) =>
        Task.Factory.StartNew(body, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
}
