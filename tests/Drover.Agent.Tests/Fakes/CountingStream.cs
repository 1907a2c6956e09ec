namespace Drover.Agent.Tests.Fakes;

/// <summary>A file of zeros that knows how far it was read, and may break.</summary>
internal sealed class CountingStream(long length) : Stream
{
    private long _position;

    internal long FailsAt { get; init; } = long.MaxValue;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => Volatile.Read(ref _position);
        set => Volatile.Write(ref _position, value);
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (Position >= FailsAt)
        {
            throw new IOException("The disk is broken.");
        }

        int read = (int)Math.Min(count, length - Position);
        buffer.AsSpan(offset, read).Clear();
        Position += read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
