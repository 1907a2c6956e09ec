using System.Net.Sockets;

namespace Drover.Client.Http;

/// <summary>How connections are made.</summary>
internal static class Handlers
{
    public static SocketsHttpHandler Create(Uri server)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(10),
            AllowAutoRedirect = false, // The token is for this address only.
            UseCookies = false,
            UseProxy = !server.IsLoopback,
        };
        if (!server.IsLoopback)
        {
            // A log that is followed can be silent for hours: only probes tell that the other machine is gone.
            handler.ConnectCallback = ConnectWithProbesAsync;
        }

        return handler;
    }

    private static async ValueTask<Stream> ConnectWithProbesAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 20);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
