using System.Net;
using System.Net.Sockets;
using Drover.Cli.Servers;

namespace Drover.Cli.Tests.Servers;

public sealed class LoopbackStreamTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public LoopbackStreamTests() => _listener.Start();

    [Fact]
    public async Task Bytes_go_both_ways_until_the_other_side_ends()
    {
        using LoopbackStream stream = LoopbackStream.Connect(Port);
        using TcpClient other = await _listener.AcceptTcpClientAsync();
        stream.Write("ping"u8);
        byte[] bytes = new byte[4];
        await other.GetStream().ReadExactlyAsync(bytes);
        Assert.Equal("ping"u8.ToArray(), bytes);
        await other.GetStream().WriteAsync("pong"u8.ToArray());
        other.Close();
        using var all = new MemoryStream();
        stream.CopyTo(all);
        Assert.Equal("pong"u8.ToArray(), all.ToArray());
    }

    [Fact]
    public async Task Disposing_it_ends_a_read_that_waits()
    {
        LoopbackStream stream = LoopbackStream.Connect(Port);
        using TcpClient other = await _listener.AcceptTcpClientAsync();
        using var reads = new ManualResetEventSlim();
        Task<int> read = Task.Run(() =>
        {
            reads.Set();
            return stream.Read(new byte[1]);
        });
        reads.Wait();
        await Task.Delay(50); // More likely than not it waits in the system by now; it has to end in any case.
        stream.Dispose();
        try
        {
            Assert.Equal(0, await read.WaitAsync(TimeSpan.FromSeconds(60)));
        }
        catch (ObjectDisposedException)
        {
            // It had not begun.
        }
    }

    [Fact]
    public void Where_nobody_listens_that_is_said()
    {
        int port = Port;
        _listener.Stop();
        Assert.Equal(SocketError.ConnectionRefused, Assert.Throws<SocketException>(() => LoopbackStream.Connect(port)).SocketErrorCode);
    }

    public void Dispose() => _listener.Dispose();

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;
}
