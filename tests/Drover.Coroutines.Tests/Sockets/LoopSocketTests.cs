using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Drover.Coroutines.Tests.Sockets;

public sealed class LoopSocketTests
{
    [Fact]
    public void What_is_sent_arrives_in_order_byte_for_byte_with_back_pressure() => Loops.RunInRealTime(async () =>
    {
        byte[] sent = RandomNumberGenerator.GetBytes(8 << 20);
        byte[] received = new byte[sent.Length];
        (LoopSocket one, LoopSocket other) = await ConnectAsync();
        using (one)
        using (other)
        {
            one.Socket.SendBufferSize = 16 << 10;
            bool isSent = false;
            await TaskGroup.RunAsync(async group =>
            {
                group.Start(async () =>
                {
                    await one.SendAsync(sent);
                    isSent = true;
                    one.Socket.Shutdown(SocketShutdown.Send);
                });
                await Coroutine.YieldAsync();
                await Coroutine.YieldAsync();
                Assert.False(isSent);
                int count;
                for (int at = 0; (count = await other.ReceiveAsync(received.AsMemory(at))) > 0;)
                {
                    at += count;
                    if (at == received.Length)
                    {
                        break;
                    }
                }
            });
            Assert.Equal(sent, received);
            Assert.Equal(0, await other.ReceiveAsync(new byte[1]));
        }
    });

    [Fact]
    public void The_end_of_the_stream_is_seen_when_it_came_together_with_the_last_bytes() => Loops.RunInRealTime(async () =>
    {
        (LoopSocket one, LoopSocket other) = await ConnectAsync();
        using (other)
        {
            await one.SendAsync(new byte[] { 1, 2, 3 });
            one.Dispose();
            Assert.True(other.Socket.Poll(TimeSpan.FromSeconds(10), SelectMode.SelectRead));
            byte[] buffer = new byte[100];
            int count = 0;
            for (int got; (got = await other.ReceiveAsync(buffer)) > 0;)
            {
                count += got;
            }

            Assert.Equal(3, count);
        }
    });

    [Fact]
    public void A_canceled_receive_loses_no_byte() => Loops.RunInRealTime(async () =>
    {
        (LoopSocket one, LoopSocket other) = await ConnectAsync();
        using (one)
        using (other)
        {
            byte[] buffer = new byte[10];
            for (byte round = 0; round < 100; round++)
            {
                Outcome<int> outcome = await CancelScope.RunAsync(async scope =>
                {
                    await one.SendAsync(new[] { round });
                    scope.Cancel("before the byte is received");
                    return await other.ReceiveAsync(buffer);
                });
                Assert.True(outcome.IsCanceled);
                Assert.Equal(1, await other.ReceiveAsync(buffer));
                Assert.Equal(round, buffer[0]);
            }
        }
    });

    [Fact]
    public void A_deadline_ends_a_receive_that_waits() => Loops.RunInRealTime(async () =>
    {
        (LoopSocket one, LoopSocket other) = await ConnectAsync();
        using (one)
        using (other)
        {
            Outcome<int> outcome = await CancelScope.MoveOnAfterAsync(
                TimeSpan.FromMilliseconds(20), async () => await other.ReceiveAsync(new byte[1]));
            Assert.IsType<CancelReason.Deadline>(outcome.Reason);
            await one.SendAsync(new byte[] { 7 });
            Assert.Equal(1, await other.ReceiveAsync(new byte[1]));
        }
    });

    [Fact]
    public void Disposing_wakes_who_waits_and_refuses_later_calls() => Loops.RunInRealTime(async () =>
    {
        (LoopSocket one, LoopSocket other) = await ConnectAsync();
        using (one)
        {
            await TaskGroup.RunAsync(async group =>
            {
                Coroutine<int> receiving = group.Start(async () =>
                {
                    await Assert.ThrowsAsync<ClosedException>(async () => await other.ReceiveAsync(new byte[1]));
                    return 1;
                });
                await Coroutine.YieldAsync();
                await Coroutine.YieldAsync();
                other.Dispose();
                other.Dispose();
                Assert.Equal(1, await receiving.JoinAsync());
            });
            await Assert.ThrowsAsync<ClosedException>(async () => await other.ReceiveAsync(new byte[1]));
            await Assert.ThrowsAsync<ClosedException>(async () => await other.SendAsync(new byte[1]));
        }
    });

    [Fact]
    public void Two_that_receive_at_once_are_told_so() => Loops.RunInRealTime(async () =>
    {
        (LoopSocket one, LoopSocket other) = await ConnectAsync();
        using (one)
        using (other)
        {
            await TaskGroup.RunAsync(async group =>
            {
                group.Start(async () => await other.ReceiveAsync(new byte[1]));
                await Coroutine.YieldAsync();
                await Coroutine.YieldAsync();
                await Assert.ThrowsAsync<InvalidOperationException>(async () => await other.ReceiveAsync(new byte[1]));
                await one.SendAsync(new byte[1]);
            });
        }
    });

    [Fact]
    public void A_refused_connection_throws_what_the_system_says() => Loops.RunInRealTime(async () =>
    {
        int port;
        using (var unused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            unused.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // Bound and not listening: nobody else gets the port.
            port = ((IPEndPoint)unused.LocalEndPoint!).Port;
            using var socket = new LoopSocket(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            SocketException error = await Assert.ThrowsAsync<SocketException>(
                async () => await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port)));
            Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
        }
    });

    [Fact]
    public void A_thousand_connections_are_served_by_one_loop() => Loops.RunInRealTime(async () =>
    {
        const int Connections = 1_000;
        using LoopSocket listener = Listen();
        int echoed = 0;
        await TaskGroup.RunAsync(async servers =>
        {
            servers.Start(async () =>
            {
                for (int i = 0; i < Connections; i++)
                {
                    LoopSocket connection = await listener.AcceptAsync();
                    servers.Start(() => EchoAsync(connection));
                }
            });
            await TaskGroup.RunAsync(clients =>
            {
                for (int i = 0; i < Connections; i++)
                {
                    clients.Start(async () =>
                    {
                        using var socket = new LoopSocket(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                        await socket.ConnectAsync(listener.Socket.LocalEndPoint!);
                        byte[] buffer = new byte[4];
                        for (byte round = 0; round < 3; round++)
                        {
                            await socket.SendAsync(new[] { round });
                            Assert.Equal(1, await socket.ReceiveAsync(buffer));
                            Assert.Equal(round, buffer[0]);
                            echoed++;
                        }
                    });
                }

                return Task.CompletedTask;
            });
        });
        Assert.Equal(3 * Connections, echoed);
    });

    [Fact]
    public void The_tree_says_that_a_coroutine_waits_for_input() => Loops.RunInRealTime(async () =>
    {
        (LoopSocket one, LoopSocket other) = await ConnectAsync();
        using (one)
        using (other)
        {
            await TaskGroup.RunAsync(async group =>
            {
                Coroutine reader = group.Start(async () => await other.ReceiveAsync(new byte[1]), "reader");
                await Coroutine.YieldAsync();
                await Coroutine.YieldAsync();
                Assert.Contains("reader: wait for socket 'input'", EventLoop.Current.Dump(), StringComparison.Ordinal);
                reader.Cancel("seen");
            });
        }
    });

    private static async Task EchoAsync(LoopSocket connection)
    {
        using (connection)
        {
            byte[] buffer = new byte[16];
            for (int count; (count = await connection.ReceiveAsync(buffer)) > 0;)
            {
                await connection.SendAsync(buffer.AsMemory(0, count));
            }
        }
    }

    private static LoopSocket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(4096);
        return new LoopSocket(socket);
    }

    private static async Task<(LoopSocket One, LoopSocket Other)> ConnectAsync()
    {
        using LoopSocket listener = Listen();
        var one = new LoopSocket(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await one.ConnectAsync(listener.Socket.LocalEndPoint!);
        return (one, await listener.AcceptAsync());
    }
}
