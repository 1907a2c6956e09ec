namespace Drover.Agent.Connections;

/// <summary>
/// The body of the server's answer. Whatever goes wrong when it is read is the connection's fault, and said as such: whoever
/// reads it writes files, whose errors must not be taken for that.
/// </summary>
/// <param name="body">The body.</param>
/// <param name="owner">Ends with it.</param>
internal sealed class InputsStream(Stream body, IDisposable owner) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="HttpRequestException">The connection broke.</exception>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            return body.Read(buffer);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            throw new HttpRequestException($"the connection broke: {e.GetBaseException().Message}", e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

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
            owner.Dispose(); // First: that ends a read that waits.
            body.Dispose();
        }

        base.Dispose(disposing);
    }
}
