using System.Text;

namespace Drover.Coroutines;

/// <summary>
/// The standard input of a process. A write waits while the pipe, which holds 64 kB, is full. One coroutine writes at a
/// time. Close it when there is no more: most programs wait for that.
/// </summary>
public sealed class ProcessInput
{
    private readonly PipeEnd _pipe;

    internal ProcessInput(PipeEnd pipe) => _pipe = pipe;

    /// <summary>Whether it was closed.</summary>
    public bool IsClosed => _pipe.IsClosed;

    internal EventLoop Loop => _pipe.Loop;

    /// <summary>Writes all of <paramref name="bytes"/> into the pipe. That the process has read them is not said.</summary>
    /// <exception cref="ScopeCanceledException">The scope is canceled; the first part of the bytes may have been written.</exception>
    /// <exception cref="IOException">The process no longer reads: it has ended, or has closed its input.</exception>
    /// <exception cref="InvalidOperationException">Another coroutine writes.</exception>
    /// <exception cref="ClosedException">The input was closed.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        using PipeEnd.Use use = _pipe.Enter();
        while (!bytes.IsEmpty)
        {
            int count = await _pipe.WhenReadyAsync(bytes, static (pipe, bytes) => pipe.Write(bytes.Span));
            bytes = bytes[count..];
        }
    }

    /// <summary>Writes <paramref name="text"/> as UTF-8, as <see cref="WriteAsync(ReadOnlyMemory{byte})"/> does.</summary>
    public ValueTask WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes <paramref name="line"/> and a line feed, as <see cref="WriteAsync(ReadOnlyMemory{byte})"/> does.</summary>
    public ValueTask WriteLineAsync(string line) => WriteAsync(line + "\n");

    /// <summary>Ends the input: the process reads its end after what was written. A write that waits fails. Does not block; again it does nothing.</summary>
    public void Close()
    {
        Loop.CheckHere(this);
        Close(new CancelReason.OwnerClosed(ToString(), "closed by " + Coroutine.Caller()));
    }

    /// <summary>
    /// The input as a stream, for libraries. It may be written on any thread, by one caller at a time; writing
    /// synchronously blocks and so is refused on the loop's own thread. Disposing it closes the input.
    /// </summary>
    public Stream AsStream() => new ProcessStream(this);

    /// <inheritdoc/>
    public override string ToString() => _pipe.ToString();

    internal void Close(CancelReason.OwnerClosed why) => _pipe.Close(why);
}
