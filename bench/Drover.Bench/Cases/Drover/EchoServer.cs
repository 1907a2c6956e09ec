using System.Net;
using System.Net.Sockets;
using Drover.Coroutines;

namespace Drover.Bench.Cases.Drover;

/// <summary>The same server as on the plain framework, but for the group that owns the connections.</summary>
internal static class EchoServer
{
    private const int MessageBytes = 1024;

    public static Task RunAsync(Action<int> announce)
    {
        EventLoop.Run(() => ServeAsync(announce));
        return Task.CompletedTask;
    }

    private static async Task ServeAsync(Action<int> announce)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(4096);
        announce(((IPEndPoint)listener.LocalEndPoint!).Port);
        await TaskGroup.SuperviseAsync(async connections =>
        {
            while (true)
            {
                var connection = await listener.AcceptAsync();
                connections.Start(() => EchoAsync(connection));
            }
        });
    }

    private static async Task EchoAsync(Socket connection)
    {
        using var _ = connection;
        connection.NoDelay = true;
        var buffer = new byte[MessageBytes].AsMemory();
        try
        {
            int received;
            while ((received = await connection.ReceiveAsync(buffer)) > 0)
            {
                for (var sent = 0; sent < received;)
                {
                    sent += await connection.SendAsync(buffer[sent..received]);
                }
            }
        }
        catch (SocketException)
        {
            // The other side is gone; the load generator notices what is missing.
        }
    }
}
