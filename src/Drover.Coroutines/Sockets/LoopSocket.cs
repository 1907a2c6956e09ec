using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Drover.Coroutines;

/// <summary>
/// A socket whose waits are the event loop's own: the loop's thread reads and writes it, without a hop through the
/// thread pool, and a wait that is canceled with its scope loses no byte. It belongs to the loop that made it.
/// </summary>
/// <remarks>
/// The framework's sockets work in coroutines too, on every platform; this one is for servers with many small messages.
/// One coroutine at a time receives (or accepts) and one sends (or connects). Needs Linux: it follows epoll(7).
/// </remarks>
public sealed class LoopSocket : IDisposable, IFileEvents
{
    private readonly EventLoop _loop = EventLoop.Current;
    private readonly Socket _socket;
    private readonly int _file;
    private readonly SocketSide _reading;
    private readonly SocketSide _writing;

    /// <summary>Takes over a socket: from now on it is non-blocking, and disposed with this.</summary>
    /// <param name="socket">A socket that is new, connected or listening.</param>
    /// <exception cref="PlatformNotSupportedException">The platform is not Linux.</exception>
    /// <exception cref="InvalidOperationException">No loop runs on this thread.</exception>
    public LoopSocket(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("A LoopSocket needs Linux. The framework's sockets work in coroutines everywhere.");
        }

        _socket = socket;
        _socket.Blocking = false;
        _file = (int)socket.Handle;
        _reading = new SocketSide(_loop, "input");
        _writing = new SocketSide(_loop, "output");
        _loop.Poller.Follow(_file, this);
    }

    /// <summary>The socket itself, for its options and addresses. Do not read, write or close it directly.</summary>
    public Socket Socket => _socket;

    /// <summary>Receives what is there; waits while there is nothing. Returns 0 at the end of the stream.</summary>
    /// <param name="buffer">Where to; it may be filled in part. An empty one receives nothing and returns 0.</param>
    /// <exception cref="SocketException">The connection is broken.</exception>
    /// <exception cref="ScopeCanceledException">The scope is canceled; nothing was received.</exception>
    /// <exception cref="ClosedException">The socket was disposed.</exception>
    /// <exception cref="InvalidOperationException">Another coroutine is receiving.</exception>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        CancelScope scope = _reading.Enter();
        return !scope.IsCanceled && !_reading.IsClosed && scope.Loop.MayGoOn() && TryReceive(buffer.Span, out int count)
            ? new ValueTask<int>(count)
            : WaitToReceiveAsync(buffer);
    }

    /// <summary>Sends all of <paramref name="data"/>; waits while the other side does not take it.</summary>
    /// <param name="data">What to send. When this throws, a part of it may have been sent.</param>
    /// <exception cref="SocketException">The connection is broken.</exception>
    /// <exception cref="ScopeCanceledException">The scope is canceled.</exception>
    /// <exception cref="ClosedException">The socket was disposed.</exception>
    /// <exception cref="InvalidOperationException">Another coroutine is sending.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        CancelScope scope = _writing.Enter();
        int sent = 0;
        return !scope.IsCanceled && !_writing.IsClosed && scope.Loop.MayGoOn() && TrySend(data.Span, ref sent)
            ? default
            : WaitToSendAsync(data[sent..]);
    }

    /// <summary>Takes the next connection of a listening socket; waits while there is none.</summary>
    /// <exception cref="SocketException">The socket does not listen.</exception>
    /// <exception cref="ScopeCanceledException">The scope is canceled; no connection was taken.</exception>
    /// <exception cref="ClosedException">The socket was disposed.</exception>
    /// <exception cref="InvalidOperationException">Another coroutine is accepting.</exception>
    public async ValueTask<LoopSocket> AcceptAsync()
    {
        _reading.Enter();
        while (true)
        {
            await _reading.ReadyAsync();
            try
            {
                return Accepted(_socket.Accept());
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
            {
                _reading.WouldBlock();
            }
        }
    }

    /// <summary>Connects to <paramref name="remote"/>; waits until the other side has answered.</summary>
    /// <param name="remote">An address. Names are looked up before, by <see cref="Dns"/>.</param>
    /// <exception cref="SocketException">There is nobody, or no way there.</exception>
    /// <exception cref="ScopeCanceledException">The scope is canceled; dispose the socket.</exception>
    /// <exception cref="ClosedException">The socket was disposed.</exception>
    /// <exception cref="ArgumentException">The address is a name.</exception>
    public async ValueTask ConnectAsync(EndPoint remote)
    {
        if (remote is DnsEndPoint)
        {
            throw new ArgumentException("Looking up a name blocks: look it up with Dns.GetHostAddressesAsync and give the address.", nameof(remote));
        }

        _writing.Enter();
        await _writing.ReadyAsync(); // It is ready; but a canceled scope is to connect to nobody.
        try
        {
            _socket.Connect(remote);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            do
            {
                _writing.WouldBlock();
                await _writing.ReadyAsync();
            }
            while (!_socket.Poll(TimeSpan.Zero, SelectMode.SelectWrite)); // What was told may be older than the call.

            var error = (SocketError)(int)_socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
            if (error != SocketError.Success)
            {
                throw new SocketException((int)error, $"Connecting to {remote} failed: {error}.");
            }
        }
    }

    /// <summary>Closes the socket; whoever waits on it is told. Does not block; again it does nothing.</summary>
    public void Dispose()
    {
        if (_loop.IsOver)
        {
            _socket.Dispose(); // Nobody waits any more.
        }
        else if (!_reading.IsClosed)
        {
            _reading.Close("the socket was disposed");
            _writing.Close("the socket was disposed");
            _loop.Poller.Unwatch(_file);
            _socket.Dispose();
        }
    }

    /// <inheritdoc/>
    void IFileEvents.Changed(bool isReadable, bool isWritable, bool isOver)
    {
        if (isReadable)
        {
            _reading.Changed(isOver);
        }

        if (isWritable)
        {
            _writing.Changed(isOver);
        }
    }

    private static LoopSocket Accepted(Socket connection)
    {
        try
        {
            return new LoopSocket(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitToReceiveAsync(Memory<byte> buffer)
    {
        int count;
        do
        {
            await _reading.ReadyAsync();
        }
        while (!TryReceive(buffer.Span, out count));

        return count;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitToSendAsync(ReadOnlyMemory<byte> data)
    {
        int sent = 0;
        do
        {
            await _writing.ReadyAsync();
        }
        while (!TrySend(data.Span, ref sent));
    }

    /// <summary>False when it would block.</summary>
    private bool TryReceive(Span<byte> buffer, out int count)
    {
        count = 0;
        _reading.ThrowIfClosed();
        if (!_reading.MayBeReady)
        {
            return false;
        }

        count = _socket.Receive(buffer, SocketFlags.None, out SocketError error);
        if (error == SocketError.Success)
        {
            if (count < buffer.Length && _socket.SocketType == SocketType.Stream)
            {
                _reading.IsDrained();
            }

            return true;
        }

        return WouldBlock(_reading, error);
    }

    /// <summary>Sends what is taken; false when some is left.</summary>
    private bool TrySend(ReadOnlySpan<byte> data, ref int sent)
    {
        while (sent < data.Length)
        {
            _writing.ThrowIfClosed();
            if (!_writing.MayBeReady)
            {
                return false;
            }

            int count = _socket.Send(data[sent..], SocketFlags.None, out SocketError error);
            if (error != SocketError.Success)
            {
                return WouldBlock(_writing, error);
            }

            sent += count;
        }

        return true;
    }

    private static bool WouldBlock(SocketSide side, SocketError error)
    {
        if (error != SocketError.WouldBlock)
        {
            throw new SocketException((int)error);
        }

        side.WouldBlock();
        return false;
    }
}
