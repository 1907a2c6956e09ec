using System.Net;
using System.Net.Sockets;

namespace Drover.Bench.Jobs.Servers;

internal static class FreePort
{
    /// <summary>A port of the loopback address that nobody listens on. Servers that take none by themselves are told this one.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
