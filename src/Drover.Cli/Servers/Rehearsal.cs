using System.Text;
using Drover.Cli.Listing;

namespace Drover.Cli.Servers;

/// <summary>
/// A first request, to nobody, on another thread while the command line is read: half of the time of a brief command goes into
/// loading and compiling what sends its first request.
/// </summary>
internal sealed class Rehearsal : Stream
{
    private const string Page = """
        {"jobs":[{"id":1,"name":"a","user":"a","spec":{"site":"local"},"state":"queued","situation":"a","submittedAt":"2000-01-01T00:00:00.0000000+00:00"}]}
        """;

    private readonly MemoryStream _answer = new(
        Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Page.Length}\r\n\r\n{Page}"));

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Begins it, and returns at once. For a process that does nothing but ask something and end: it measures nothing.</summary>
    public static void Begin()
    {
        // Must come before the first HTTP client is made, which would prepare half a dozen instruments that nobody reads.
        AppContext.SetSwitch("System.Diagnostics.Metrics.Meter.IsSupported", false);
        ThreadPool.UnsafeQueueUserWorkItem(static _ => Run(), null);
    }

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
            new JobPages(client, isFolded: false).FetchAsync(new JobQuery(), limit: 1).GetAwaiter().GetResult();
        }
        catch (Exception)
        {
            // It was only a rehearsal: what is wrong shows when it counts.
        }
    }
}
