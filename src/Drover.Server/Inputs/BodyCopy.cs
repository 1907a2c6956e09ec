using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace Drover.Server.Inputs;

/// <summary>
/// Writes the body of a request to a file and hashes it, both from the memory in which the web server received it. The side
/// that receives may run on a thread that serves other connections too, so it only hands on; hashing and writing happen on
/// threads of the pool, each at its own pace.
/// </summary>
internal sealed class BodyCopy(PipeReader from, SafeFileHandle file, ContentSums sums, long position, InputAdmission admission)
{
    /// <summary>
    /// When so much waits to be hashed and written, what comes then waits in the connection until half of it is done: threads
    /// are not woken for less.
    /// </summary>
    private const int MostWaiting = 768 << 10;

    /// <summary>So much is written at once. What is less when the body breaks is written then.</summary>
    private const int WriteSize = 256 << 10;

    private readonly Lane _hashing = new();
    private readonly Lane _writing = new();

    /// <summary>How long the file is: what is there can be gone on with.</summary>
    internal long Position { get; private set; } = position;

    /// <summary>
    /// Copies to the end of the body. When that breaks, or there is no room for more, what has come is in the file. That there
    /// is no room is thrown at once, also when the client sends nothing more.
    /// </summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        using var receiving = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        // Not a token of each read: a read of Kestrel that ends so counts as under way for good, and what is left of the body cannot be skipped.
        using CancellationTokenRegistration ending = receiving.Token.UnsafeRegister(static body => ((PipeReader)body!).CancelPendingRead(), from);
        Task working = Task.WhenAll(_hashing.RunAsync(Hash, receiving), _writing.RunAsync(Write, receiving));
        try
        {
            await ReceiveAsync(receiving.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_hashing.HasFailed || _writing.HasFailed)
        {
            // What failed is thrown below.
        }
        finally
        {
            _hashing.Complete();
            _writing.Complete();
            await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // The memory is the web server's: nobody reads it after this.
        }

        await working.ConfigureAwait(false);
    }

    private async Task ReceiveAsync(CancellationToken cancellation)
    {
        ReadOnlySequence<byte> unwritten = default;
        long received = 0;
        long released = 0;
        try
        {
            while (true)
            {
                admission.BeginWait();
                ReadResult read = await from.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                admission.EndWait();
                bool isLast = read.IsCompleted || cancellation.IsCancellationRequested;
                ReadOnlySequence<byte> fresh = read.Buffer.Slice(received - released);
                received = released + read.Buffer.Length;
                _hashing.Add(fresh);
                unwritten = read.Buffer.Slice(_writing.Given - released);
                if (unwritten.Length >= WriteSize || isLast)
                {
                    _writing.Add(unwritten);
                    unwritten = default;
                }

                long done = Math.Min(_hashing.Done, _writing.Done);
                if (isLast || received - done > MostWaiting)
                {
                    long least = isLast ? received : received - (MostWaiting / 2);
                    await _hashing.UntilAsync(least).ConfigureAwait(false);
                    await _writing.UntilAsync(least).ConfigureAwait(false);
                    done = Math.Min(received, Math.Min(_hashing.Done, _writing.Done));
                }

                from.AdvanceTo(read.Buffer.GetPosition(done - released), read.Buffer.End);
                released = done;
                if (read.IsCompleted || _hashing.HasFailed || _writing.HasFailed)
                {
                    return;
                }

                if (isLast)
                {
                    cancellation.ThrowIfCancellationRequested();
                }
            }
        }
        finally
        {
            _writing.Add(unwritten);
        }
    }

    private void Hash(ReadOnlySequence<byte> bytes)
    {
        foreach (ReadOnlyMemory<byte> part in bytes)
        {
            sums.Append(part.Span);
        }
    }

    private void Write(ReadOnlySequence<byte> bytes)
    {
        admission.Take(bytes.Length);
        if (bytes.IsSingleSegment)
        {
            RandomAccess.Write(file, bytes.FirstSpan, Position);
        }
        else
        {
            var parts = new List<ReadOnlyMemory<byte>>();
            foreach (ReadOnlyMemory<byte> part in bytes)
            {
                parts.Add(part);
            }

            RandomAccess.Write(file, parts, Position);
        }

        Position += bytes.Length;
    }

    /// <summary>Does one thing with all that comes, in order, on threads of the pool.</summary>
    private sealed class Lane
    {
        private readonly System.Threading.Channels.Channel<ReadOnlySequence<byte>> _waiting =
            System.Threading.Channels.Channel.CreateUnbounded<ReadOnlySequence<byte>>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

        private readonly Lock _lock = new();
        private TaskCompletionSource? _reached;
        private long _wanted;
        private long _done;

        /// <summary>How many bytes it was given. For the side that gives.</summary>
        internal long Given { get; private set; }

        /// <summary>How many bytes it has done; all there will ever be when it failed.</summary>
        internal long Done => Volatile.Read(ref _done);

        /// <summary>Whether it does nothing any more: its task says why.</summary>
        internal bool HasFailed { get; private set; }

        internal void Add(ReadOnlySequence<byte> bytes)
        {
            if (bytes.Length > 0)
            {
                Given += bytes.Length;
                _waiting.Writer.TryWrite(bytes);
            }
        }

        internal void Complete() => _waiting.Writer.TryComplete();

        /// <summary>Returns when all is done that came until it was complete. When it fails, it cancels this.</summary>
        internal async Task RunAsync(Action<ReadOnlySequence<byte>> work, CancellationTokenSource whenFailed)
        {
            try
            {
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                await foreach (ReadOnlySequence<byte> bytes in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
                {
                    work(bytes);
                    Reach(Done + bytes.Length);
                }
            }
            catch
            {
                HasFailed = true;
                Reach(long.MaxValue);
                await whenFailed.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }

        /// <summary>Returns when so many bytes are done, or none will be any more.</summary>
        internal Task UntilAsync(long bytes)
        {
            lock (_lock)
            {
                if (_done >= bytes)
                {
                    return Task.CompletedTask;
                }

                _wanted = bytes;
                _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return _reached.Task;
            }
        }

        private void Reach(long done)
        {
            TaskCompletionSource? reached = null;
            lock (_lock)
            {
                _done = done;
                if (_reached is not null && done >= _wanted)
                {
                    (reached, _reached) = (_reached, null);
                }
            }

            reached?.SetResult();
        }
    }
}
