using System.Net;
using System.Net.Sockets;
using Drover.Coroutines.Tests.Processes;

namespace Drover.Coroutines.Tests.Sockets;

public sealed class ConnectCanceledTests
{
    [Fact]
    public void In_a_canceled_scope_a_connection_of_the_machines_own_is_not_made()
    {
        using var folder = new TemporaryFolder();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        ConnectsNothing(listener, new UnixDomainSocketEndPoint(folder["socket"]));
    }

    [Fact]
    public void In_a_canceled_scope_a_connection_of_the_network_is_not_made()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        ConnectsNothing(listener, new IPEndPoint(IPAddress.Loopback, 0));
    }

    private static void ConnectsNothing(Socket listener, EndPoint address)
    {
        listener.Bind(address);
        listener.Listen();
        Loops.RunInRealTime(async () =>
        {
            using var client = new LoopSocket(new Socket(listener.AddressFamily, listener.SocketType, listener.ProtocolType));
            Outcome outcome = await CancelScope.RunAsync(async scope =>
            {
                scope.Cancel("before");
                await client.ConnectAsync(listener.LocalEndPoint!);
            });
            Assert.True(outcome.IsCanceled);
            Assert.False(client.Socket.Connected);
            Assert.False(listener.Poll(TimeSpan.Zero, SelectMode.SelectRead), "Somebody has connected.");
        });
    }
}
