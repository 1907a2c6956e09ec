using Drover.Bench.Orchestration;

namespace Drover.Bench.Runtime;

/// <summary>A peer's echo server, from its start until it is disposed.</summary>
internal sealed class EchoServerProcess : IAsyncDisposable
{
    /// <summary>What a peer is asked for in place of a case.</summary>
    public const string CaseName = "echo-server";

    private readonly ChildProcess _process;

    private EchoServerProcess(ChildProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public int ProcessId => _process.Id;

    /// <summary>Starts the server and waits until it listens. Null when the peer has none.</summary>
    public static async Task<EchoServerProcess?> StartAsync(Peer peer)
    {
        var process = ChildProcess.Start(peer.FileName, [.. peer.Arguments, CaseName]);
        EchoServerProcess? server = null;
        try
        {
            if (PeerReport.Parse(await process.ReadLineAsync()).Port is { } port)
            {
                server = new EchoServerProcess(process, port);
            }

            return server;
        }
        finally
        {
            if (server is null)
            {
                await process.DisposeAsync();
            }
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
