using System.Net.Sockets;

namespace Drover.Coroutines.Tests.Loop;

/// <summary>What outlives its loop is disposed by whoever holds it, on whatever thread.</summary>
public sealed class AfterTheEndTests
{
    [Fact]
    public void A_lease_is_given_back_without_an_error()
    {
        SlotLease lease = Loops.Run(async () => await new Slots(1).AcquireAsync());
        lease.Dispose();
        lease.Dispose();
    }

    [Fact]
    public void A_socket_closes_its_handle()
    {
        LoopSocket socket = Loops.Run(
            () => Task.FromResult(new LoopSocket(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))),
            Loops.RealTime);
        socket.Dispose();
        socket.Dispose();
        Assert.True(socket.Socket.SafeHandle.IsClosed);
    }

    [Fact]
    public void A_lease_and_a_socket_may_be_disposed_in_another_loop() => Loops.RunInRealTime(async () =>
    {
        EventLoop other = EventLoop.Start(Loops.RealTime with { Name = "ends first" });
        SlotLease lease = await other.InvokeAsync(static async () => await new Slots(1).AcquireAsync());
        LoopSocket socket = await other.InvokeAsync(
            static () => new LoopSocket(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)));
        await other.StopAsync();
        lease.Dispose();
        socket.Dispose();
        Assert.True(socket.Socket.SafeHandle.IsClosed);
    });
}
