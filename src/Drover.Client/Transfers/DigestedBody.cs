using Drover.Client.Http;

namespace Drover.Client.Transfers;

/// <summary>The body of an answer without the checksum that follows it, which is compared at the end.</summary>
/// <param name="body">All of it.</param>
/// <param name="hasDigest">Whether a checksum follows.</param>
/// <param name="what">What it is, for the message.</param>
internal sealed class DigestedBody(Stream body, bool hasDigest, string what) : Stream
{
    private const int BufferBytes = 256 << 10;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly int _held = hasDigest ? FileCopy.DigestBytes : 0;
    private Crc64 _crc;
    private int _begin;
    private int _end;
    private bool _isOver;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="BrokenBodyException">The connection broke.</exception>
    /// <exception cref="DamagedTransferException">The checksum is another.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_isOver && _end - _begin <= _held)
        {
            await FillAsync(cancellationToken).ConfigureAwait(false);
        }

        int count = Math.Min(buffer.Length, Math.Max(0, _end - _begin - _held));
        if (count > 0)
        {
            ReadOnlyMemory<byte> bytes = _buffer.AsMemory(_begin, count);
            _crc.Append(bytes.Span);
            bytes.CopyTo(buffer);
            _begin += count;
        }
        else if (buffer.Length > 0 && hasDigest && !_buffer.AsSpan(_begin, _end - _begin).SequenceEqual(Checksum()))
        {
            throw new DamagedTransferException($"What came of {what} is not what the agent sent: the checksums differ. Get it again; when that does not help, look at the disks and memory on the way.");
        }

        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }

        base.Dispose(disposing);
    }

    private byte[] Checksum()
    {
        byte[] bytes = new byte[Crc64.Length];
        _crc.Write(bytes);
        return bytes;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
        (_begin, _end) = (0, _end - _begin);
        try
        {
            int count = await body.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            _end += count;
            _isOver = count == 0;
        }
        catch (Exception e) when (ApiConnection.IsBroken(e))
        {
            throw new BrokenBodyException(e);
        }
    }
}
