using System.Net;
using System.Net.Sockets;

namespace Drover.Samples;

/// <summary>An echo server with ten thousand open connections.</summary>
/// <remarks>
/// Notice:
/// - Each connection is a coroutine that reads as if it were alone in the world. All of them run on one thread.
/// - The counters are plain integers for the same reason.
/// - Connections are supervised: one that breaks does not take the others with it.
/// - To stop is to stop accepting. Leaving the task group then waits for the connections that are still open.
/// Each end of a connection takes a file descriptor, and many systems allow a process no more than 20,000. So the
/// clients are a process of their own: this program, started again. If the server is canceled, they are stopped.
/// </remarks>
internal sealed class Echo : IDisposable
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly Lifetime _accepting = new("accepting");

    private Echo()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port: 0));
        _listener.Listen(backlog: 1024);
    }

    private int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    private int Open { get; set; }

    private int MostOpen { get; set; }

    private int Echoed { get; set; }

    public static async Task RunAsync(int connections, TextWriter output)
    {
        using var server = new Echo();
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(server.ServeAsync, "server");
            await RunClientsAsync(server.Port, connections);
            server._accepting.End("the clients have left");
        });
        output.WriteLine($"server: {server.MostOpen} connections were open at once, {server.Echoed} messages were echoed, {server.Open} connections are left");
    }

    public void Dispose() => _listener.Dispose();

    private Task ServeAsync() => TaskGroup.SuperviseAsync(async connections =>
    {
        await _accepting.RunAsync(async () =>
        {
            while (true)
            {
                Socket connection = await _listener.AcceptAsync(CancelScope.Current.Token);
                connections.Start(() => EchoAsync(connection));
            }
        });
    });

    private async Task EchoAsync(Socket connection)
    {
        using Socket open = connection;
        MostOpen = Math.Max(MostOpen, ++Open);
        try
        {
            byte[] buffer = new byte[64];
            CancellationToken canceled = CancelScope.Current.Token;
            while (await connection.ReceiveAsync(buffer, canceled) is > 0 and int received)
            {
                await connection.SendAsync(buffer.AsMemory(0, received), canceled);
                Echoed++;
            }
        }
        finally
        {
            Open--;
        }
    }

    private static async Task RunClientsAsync(int port, int connections)
    {
        var clients = new ProcessSpec(Environment.ProcessPath!, "echo-client", $"{port}", $"{connections}")
        {
            Output = OutputTarget.Inherit,
            Error = OutputTarget.Inherit,
        };
        ProcessResult result = await Subprocess.RunAsync(clients);
        result.ThrowIfFailed();
    }
}
