using System.Runtime.InteropServices;

namespace Drover.Coroutines;

/// <summary>Our end of a pipe to or from a process. One coroutine uses it at a time.</summary>
internal sealed class PipeEnd
{
    private const int DiscardedAtOnce = 1 << 16;
    private readonly EventLoop _loop;
    private readonly FileDescriptor _file;
    private readonly FileWait _wait;
    private readonly string _use;
    private CancelReason.OwnerClosed? _closed;
    private bool _isInUse;

    /// <param name="loop">The process's loop.</param>
    /// <param name="file">Owned from now on.</param>
    /// <param name="forWriting">Whether we write.</param>
    /// <param name="use">Words for the wait and for errors: "read output of …".</param>
    internal PipeEnd(EventLoop loop, FileDescriptor file, bool forWriting, string use)
    {
        _loop = loop;
        _file = file;
        _use = use;
        _wait = new FileWait(loop, file.Number, forWriting, use);
    }

    internal EventLoop Loop => _loop;

    internal bool IsClosed => _closed is not null;

    /// <summary>Begins one call on the pipe; disposing ends it.</summary>
    /// <exception cref="InvalidOperationException">Another coroutine is in a call.</exception>
    /// <exception cref="ClosedException">The pipe is closed.</exception>
    internal Use Enter()
    {
        _loop.CheckHere(this);
        ThrowIfClosed();
        if (_isInUse)
        {
            throw new InvalidOperationException($"Another coroutine is at '{_use}' already: the bytes would be torn apart between the two.");
        }

        _isInUse = true;
        return new Use(this);
    }

    /// <summary>Waits until the pipe can be used, or the other end is gone. Others always have a turn.</summary>
    internal async ValueTask<int> WhenReadyAsync<TState>(TState state, Func<PipeEnd, TState, int> attempt)
    {
        await Coroutine.YieldAsync();
        while (true)
        {
            ThrowIfClosed();
            int count = attempt(this, state);
            if (count >= 0)
            {
                return count;
            }

            await _wait.ReadyAsync();
        }
    }

    /// <summary>Reads what is there: 0 at the end, -1 when one has to wait.</summary>
    internal unsafe int Read(Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            return Checked(Libc.read(_file.Number, bytes, (nuint)buffer.Length));
        }
    }

    /// <summary>Writes as much as there is room for, or -1 when one has to wait.</summary>
    /// <exception cref="IOException">Nobody reads any more.</exception>
    internal unsafe int Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            return Checked(Libc.write(_file.Number, bytes, (nuint)buffer.Length));
        }
    }

    /// <summary>Nobody may use it any more; whoever waits is told. Again it does nothing.</summary>
    internal void Refuse(CancelReason.OwnerClosed why)
    {
        _closed ??= why;
        _wait.End(why);
    }

    /// <summary>
    /// After <see cref="Refuse"/>: reads and forgets, so that a process that is being stopped does not hang in a write,
    /// nor is ended by one while it cleans up.
    /// </summary>
    internal unsafe void Discard()
    {
        byte* bytes = stackalloc byte[DiscardedAtOnce];
        if (!_file.IsClosed && Libc.read(_file.Number, bytes, DiscardedAtOnce) != 0)
        {
            _loop.Poller.Watch(_file.Number, forWriting: false, Discard);
        }
    }

    internal void Close(CancelReason.OwnerClosed why)
    {
        Refuse(why);
        if (!_file.IsClosed)
        {
            _loop.Poller.Unwatch(_file.Number);
            _file.Dispose();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _use;

    internal void ThrowIfClosed()
    {
        if (_closed is { } why)
        {
            throw new ClosedException(why);
        }
    }

    private int Checked(nint count)
    {
        if (count >= 0)
        {
            return (int)count;
        }

        return Marshal.GetLastPInvokeError() switch
        {
            Libc.EAGAIN or Libc.EINTR => -1,
            Libc.EPIPE => throw new IOException($"Cannot {_use}: it no longer reads, because it has ended or has closed its input."),
            var error => throw new IOException($"Cannot {_use}: {Marshal.GetPInvokeErrorMessage(error)}."),
        };
    }

    internal readonly struct Use(PipeEnd pipe) : IDisposable
    {
        public void Dispose() => pipe._isInUse = false;
    }
}
