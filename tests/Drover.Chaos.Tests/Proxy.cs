using System.Net;
using System.Net.Sockets;

namespace Drover.Chaos.Tests;

/// <summary>What stands between the agents and the server: passes bytes on, unless it is told to cut, hold or refuse them.</summary>
internal sealed class Proxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<Uri?> _server;
    private readonly CancellationTokenSource _end = new();
    private readonly HashSet<Socket> _sockets = [];
    private readonly Task _accepting;
    private TaskCompletionSource? _held;
    private bool _refuses;

    /// <param name="server">Where the server is at the moment.</param>
    internal Proxy(Func<Uri?> server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    internal string Url => $"http://{_listener.LocalEndpoint}";

    /// <summary>Breaks every connection at once, wherever it is.</summary>
    internal void Cut()
    {
        Socket[] sockets;
        lock (_sockets)
        {
            sockets = [.. _sockets];
        }

        foreach (Socket socket in sockets)
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0); // As a reset, not as an end.
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException)
            {
                // It ends just now by itself.
            }

            socket.Dispose();
        }
    }

    /// <summary>Passes nothing on for a while; neither side hears that.</summary>
    internal async Task HoldAsync(TimeSpan time)
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _held = held;
        await Task.Delay(time);
        _held = null;
        held.SetResult();
    }

    /// <summary>Cuts every connection, and every new one for a while.</summary>
    internal async Task RefuseAsync(TimeSpan time)
    {
        _refuses = true;
        Cut();
        await Task.Delay(time);
        _refuses = false;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = PassAsync(await _listener.AcceptSocketAsync(_end.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task PassAsync(Socket agent)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        agent.NoDelay = true;
        lock (_sockets)
        {
            _sockets.UnionWith([agent, server]);
        }

        try
        {
            if (!_refuses && _server() is { } address)
            {
                await server.ConnectAsync(address.Host, address.Port, _end.Token);
                await Task.WhenAll(CopyAsync(agent, server), CopyAsync(server, agent));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of them is gone, so the other goes too.
        }
        finally
        {
            lock (_sockets)
            {
                _sockets.ExceptWith([agent, server]);
            }

            agent.Dispose();
            server.Dispose();
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _end.Token) is > 0 and int count)
            {
                await (_held?.Task ?? Task.CompletedTask);
                for (int sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _end.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception)
        {
            from.Dispose();
            to.Dispose();
            throw;
        }
    }
}
