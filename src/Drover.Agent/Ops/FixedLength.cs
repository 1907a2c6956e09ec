using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Drover.Agent.Ops;

/// <summary>
/// The content of a file, always as long as the file was when it was opened: what grows is cut, and for what a job takes
/// away while it is read there are zeros, because an archive has told the length already.
/// </summary>
/// <param name="file">The file; not disposed.</param>
/// <param name="length">How long it was.</param>
internal sealed class FixedLength(SafeFileHandle file, long length) : Stream
{
    private const int BlockSize = 256 << 10;

    private long _position;

    /// <summary>Whether it was shorter in the end.</summary>
    internal bool HasShrunk { get; private set; }

    public override bool CanRead => true;

    /// <summary>As it says of itself, so that its length is believed; it is read once, in order.</summary>
    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get => _position; set => _position = value; }

    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            while (Fill(block.AsSpan(0, BlockSize)) is var count and > 0)
            {
                await destination.WriteAsync(block.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Fill(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Fill(buffer.AsSpan(offset, count)));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Fill(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>The next bytes. Blocks: whoever reads it is on a thread where that is allowed.</summary>
    private int Fill(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, length - _position);
        int read = HasShrunk || wanted == 0 ? 0 : RandomAccess.Read(file, buffer[..wanted], _position);
        if (read == 0)
        {
            HasShrunk |= wanted > 0;
            buffer[..wanted].Clear();
            read = wanted;
        }

        _position += read;
        return read;
    }
}
