using System.Security.Cryptography;
using Drover.Protocol.Files;

namespace Drover.Agent.Ops;

/// <summary>Passes on what is written, with a checksum of it that is written at the end.</summary>
/// <param name="to">Where to; not disposed.</param>
/// <param name="checksum">Which checksum.</param>
internal sealed class HashedStream(Stream to, Checksum checksum) : Stream
{
    private readonly IncrementalHash? _hash = checksum == Checksum.Sha256 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    private Crc64 _crc;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Whether what is written is counted in, but not passed on.</summary>
    internal bool IsMuted { get; set; }

    /// <summary>How long a checksum is.</summary>
    internal static int LengthOf(Checksum? checksum) => checksum switch
    {
        Checksum.Sha256 => SHA256.HashSizeInBytes,
        Checksum.Crc64 => Crc64.Length,
        _ => 0,
    };

    /// <summary>Writes the checksum of all.</summary>
    internal ValueTask WriteChecksumAsync(CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[LengthOf(checksum)];
        if (_hash is not null)
        {
            _hash.GetHashAndReset(bytes);
        }
        else
        {
            _crc.Write(bytes);
        }

        return to.WriteAsync(bytes, cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Append(buffer.Span);
        return IsMuted ? ValueTask.CompletedTask : to.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        Append(buffer.AsSpan(offset, count));
        if (!IsMuted)
        {
            to.Write(buffer, offset, count);
        }
    }

    public override void Flush() => to.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => to.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_hash is not null)
        {
            _hash.AppendData(bytes);
        }
        else
        {
            _crc.Append(bytes);
        }
    }
}
