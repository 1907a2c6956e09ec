using System.Buffers.Binary;
using System.Net.Sockets;
using Drover.Cli.Consoles;
using Microsoft.Win32.SafeHandles;

namespace Drover.Cli.Servers;

/// <summary>
/// A connection to a server at 127.0.0.1, for a thread that waits. A <see cref="Socket"/> can do much more, and takes a tenth
/// of a brief command to be prepared for it. Disposing it ends a read that waits.
/// </summary>
internal sealed unsafe class LoopbackStream : Stream
{
    private readonly SafeFileHandle _socket;
    private readonly FileStream _bytes;

    private LoopbackStream(SafeFileHandle socket)
    {
        _socket = socket;
        _bytes = new FileStream(socket, FileAccess.ReadWrite, bufferSize: 0);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Makes the connection; blocks until the system has accepted or refused it.</summary>
    /// <exception cref="SocketException">Nobody listens there, or there are too many open files.</exception>
    public static LoopbackStream Connect(int port)
    {
        int descriptor = Libc.socket(Libc.AF_INET, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0);
        if (descriptor < 0)
        {
            throw Failure();
        }

        var socket = new SafeFileHandle(descriptor, ownsHandle: true);
        var address = new Libc.SocketAddress
        {
            Family = Libc.AF_INET,
            Port = BinaryPrimitives.ReverseEndianness((ushort)port),
            Address = BinaryPrimitives.ReverseEndianness(0x7f000001u),
        };
        if (Libc.connect(descriptor, &address, sizeof(Libc.SocketAddress)) != 0)
        {
            SocketException failure = Failure();
            socket.Dispose();
            throw failure;
        }

        return new LoopbackStream(socket);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => _bytes.Read(buffer);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => _bytes.Write(buffer);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (!_socket.IsClosed)
        {
            _ = Libc.shutdown((int)_socket.DangerousGetHandle(), Libc.SHUT_RDWR);
            _bytes.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>As a socket would tell it.</summary>
    private static SocketException Failure() => new();
}
