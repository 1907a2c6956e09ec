using System.Net;
using System.Net.Sockets;
using Drover.Coroutines;

namespace Drover.Bench.Runtime.Cases.Drover;

/// <summary>The same server as on the plain framework, on sockets of the loop and in a group that owns the connections.</summary>
internal static class EchoServer
{
    /// <summary>More than a message: a read that does not fill it tells that nothing is left, and saves the next attempt.</summary>
    private const int BufferBytes = 2048;

    public static Task RunAsync(Action<int> announce)
    {
        EventLoop.Run(() => ServeAsync(announce));
        return Task.CompletedTask;
    }

    private static async Task ServeAsync(Action<int> announce)
    {
        using var listener = new LoopSocket(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        listener.Socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Socket.Listen(4096);
        announce(((IPEndPoint)listener.Socket.LocalEndPoint!).Port);
        await TaskGroup.SuperviseAsync(async connections =>
        {
            while (true)
            {
                var connection = await listener.AcceptAsync();
                connections.Start(() => EchoAsync(connection));
            }
        });
    }

    private static async Task EchoAsync(LoopSocket connection)
    {
        using var _ = connection;
        connection.Socket.NoDelay = true;
        var buffer = new byte[BufferBytes].AsMemory();
        try
        {
            int received;
            while ((received = await connection.ReceiveAsync(buffer)) > 0)
            {
                await connection.SendAsync(buffer[..received]);
            }
        }
        catch (SocketException)
        {
            // The other side is gone; the load generator notices what is missing.
        }
    }
}
