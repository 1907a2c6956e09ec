using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Drover.Bench.Cases.Bcl;
using Drover.Bench.Cases.Drover;
using Drover.Bench.Runtime;

namespace Drover.Bench.Cases;

/// <summary><c>Drover.Bench peer NAME CASE</c>: one case of one C# peer, in this process.</summary>
internal static class PeerCommand
{
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
        var command = new Command("peer", "Measure one case of one C# peer.") { peerArgument, caseArgument };
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
        var report = new JsonObject { ["case"] = name, ["value"] = found?.Value };
        if (found is not null)
        {
            report["unit"] = BenchmarkCase.Named(name).Unit;
        }

        if (found?.Extra is { } extra)
        {
            report["extra"] = extra;
        }

        Print(report);
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
        var serving = OnOwnThreadAsync(() => runEchoServer(port => Print(new JsonObject { ["port"] = port })));
        await await Task.WhenAny(inputClosed, serving);
    }

    private static Task OnOwnThreadAsync(Func<Task> body) =>
        Task.Factory.StartNew(body, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private static void Print(JsonObject line) => Console.Out.WriteLine(line.ToJsonString(JsonSerializerOptions.Default));
}
