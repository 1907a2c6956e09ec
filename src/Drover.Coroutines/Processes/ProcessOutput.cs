using System.Runtime.CompilerServices;

namespace Drover.Coroutines;

/// <summary>
/// What a process writes to its standard output or error, as bytes or as lines. Nothing is read before it is asked for:
/// a process that writes more than the pipe holds (64 kB) waits for its reader.
/// </summary>
/// <remarks>
/// One coroutine reads at a time. A read that is canceled loses nothing: the next one, of bytes or lines, goes on where
/// the last one ended. The end comes when every process that has the stream has closed it, the children that the process
/// left behind included. When the scope of the process is left, reads throw <see cref="ClosedException"/>.
/// </remarks>
public sealed class ProcessOutput
{
    private readonly PipeEnd _pipe;
    private readonly LineBuffer _lines;
    private bool _isAtEnd;

    internal ProcessOutput(PipeEnd pipe, int maxLine)
    {
        _pipe = pipe;
        _lines = new LineBuffer(maxLine);
    }

    internal EventLoop Loop => _pipe.Loop;

    /// <summary>Reads what is there into <paramref name="buffer"/>; waits while there is nothing.</summary>
    /// <returns>How many bytes; 0 at the end.</returns>
    /// <exception cref="ScopeCanceledException">The scope is canceled; nothing was read.</exception>
    /// <exception cref="InvalidOperationException">Another coroutine reads.</exception>
    /// <exception cref="ClosedException">The scope of the process was left.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        using PipeEnd.Use use = _pipe.Enter();
        int held = CancelScope.Current.IsCanceled ? 0 : _lines.Take(buffer.Span);
        return held > 0 ? held : await ReadPipeAsync(buffer);
    }

    /// <summary>
    /// Reads a line, which ends with a line feed (a carriage return before it is removed too) or at the end; null after
    /// the last. Bytes that are not UTF-8 become replacement characters; a line longer than
    /// <see cref="ProcessSpec.MaxLineLength"/> comes in pieces.
    /// </summary>
    /// <exception cref="ScopeCanceledException">The scope is canceled; nothing was taken.</exception>
    /// <exception cref="InvalidOperationException">Another coroutine reads.</exception>
    /// <exception cref="ClosedException">The scope of the process was left.</exception>
    public async ValueTask<string?> ReadLineAsync()
    {
        using PipeEnd.Use use = _pipe.Enter();
        if (CancelScope.Current.IsCanceled || !Loop.MayGoOn())
        {
            await Coroutine.YieldAsync();
        }

        string? line;
        while (!_lines.TryTakeLine(out line))
        {
            int count = await ReadPipeAsync(_lines.Space());
            if (count == 0)
            {
                return _lines.TakeRest();
            }

            _lines.Added(count);
        }

        return line;
    }

    /// <summary>The lines until the end, as <see cref="ReadLineAsync"/> reads them. Whoever leaves early can go on reading later.</summary>
    /// <param name="cancellationToken">Not needed: the scope cancels. A token given here is looked at before each line.</param>
    public async IAsyncEnumerable<string> ReadLinesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await ReadLineAsync() is not { } line)
            {
                yield break;
            }

            yield return line;
        }
    }

    /// <summary>
    /// The bytes as a stream, for libraries. It may be read on any thread, by one caller at a time; reading
    /// synchronously blocks and so is refused on the loop's own thread. Disposing it does nothing.
    /// </summary>
    public Stream AsStream() => new ProcessStream(this);

    /// <inheritdoc/>
    public override string ToString() => _pipe.ToString();

    /// <summary>Reads what is there without waiting; 0 when there is nothing.</summary>
    internal int TryRead(Span<byte> buffer)
    {
        int held = _lines.Take(buffer);
        return held > 0 || _isAtEnd ? held : Math.Max(0, _pipe.Read(buffer));
    }

    /// <summary>The scope is left: the process may write on until it has ended, to nobody.</summary>
    internal void Discard(CancelReason.OwnerClosed why)
    {
        _pipe.Refuse(why);
        _pipe.Discard();
    }

    internal void Close(CancelReason.OwnerClosed why) => _pipe.Close(why);

    private async ValueTask<int> ReadPipeAsync(Memory<byte> buffer)
    {
        int count = await _pipe.WhenReadyAsync(buffer, static (pipe, buffer) => pipe.Read(buffer.Span));
        _isAtEnd = count == 0 && buffer.Length > 0;
        return count;
    }
}
