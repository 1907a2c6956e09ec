using System.Net;
using System.Net.Sockets;

namespace Drover.Bench.Runtime.Cases.Bcl;

/// <summary>One asynchronous method and one buffer of a message's size for each connection.</summary>
internal static class EchoServer
{
    private const int MessageBytes = 1024;

    public static async Task RunAsync(Action<int> announce)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(4096);
        announce(((IPEndPoint)listener.LocalEndPoint!).Port);
        while (true)
        {
            _ = EchoAsync(await listener.AcceptAsync());
        }
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
