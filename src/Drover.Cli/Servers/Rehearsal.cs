using System.Text;
using Drover.Client.Http;

namespace Drover.Cli.Servers;

/// <summary>
/// A first request, to nobody, on another thread while the command line is read: half of the time of a brief command goes into
/// loading and compiling what sends its first request.
/// </summary>
internal sealed class Rehearsal : Stream
{
    private readonly MemoryStream _answer = new(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"));

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Begins it, and returns at once.</summary>
    public static void Begin() => ThreadPool.UnsafeQueueUserWorkItem(static _ => Run(), null);

    public override int Read(byte[] buffer, int offset, int count) => _answer.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => _answer.Read(buffer);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(_answer.Read(buffer.Span));

    public override void Write(byte[] buffer, int offset, int count)
    {
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static void Run()
    {
        var server = new Uri("http://127.0.0.1");
        using var handler = new BlockingHandler(server, _ => new Rehearsal());
        using var client = new DroverClient(new DroverClientOptions { Server = server, Token = "none", RetryFor = TimeSpan.Zero, Handler = handler });
        try
        {
            client.Connection.SendForBytesAsync(ApiRequest.Get("api/v1/jobs"), CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception)
        {
            // It was only a rehearsal: what is wrong shows when it counts.
        }
    }
}
