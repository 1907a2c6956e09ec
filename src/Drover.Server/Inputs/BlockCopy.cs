using System.Buffers;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace Drover.Server.Inputs;

/// <summary>
/// Writes the body of a request to a file and hashes it. The side that receives only fills blocks, because it may run on a
/// thread that serves other connections too; hashing, writing and waiting for the disk happen on threads of the pool.
/// </summary>
internal sealed class BlockCopy(Stream from, SafeFileHandle file, IncrementalHash hash, long position)
{
    private const int BlockSize = 1 << 20;
    private const int Blocks = 3;

    /// <summary>So much is written before the disk is asked to begin, so that the wait at the end is short.</summary>
    private const long FlushEach = 128 << 20;

    private readonly System.Threading.Channels.Channel<byte[]> _empty = Channel.CreateBounded<byte[]>(Blocks);
    private readonly System.Threading.Channels.Channel<(byte[] Block, int Count)> _full = Channel.CreateBounded<(byte[], int)>(Blocks);

    /// <summary>How long the file is: what is there can be gone on with.</summary>
    internal long Position { get; private set; } = position;

    /// <summary>Copies to the end of the body. When that breaks, what has come is in the file.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        for (int i = 0; i < Blocks; i++)
        {
            _empty.Writer.TryWrite(ArrayPool<byte>.Shared.Rent(BlockSize));
        }

        Task writing = WriteAsync();
        try
        {
            await ReceiveAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _full.Writer.TryComplete();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (_empty.Reader.TryRead(out byte[]? block))
            {
                ArrayPool<byte>.Shared.Return(block);
            }
        }

        await writing.ConfigureAwait(false);
    }

    private async Task ReceiveAsync(CancellationToken cancellation)
    {
        while (true)
        {
            byte[] block;
            try
            {
                block = await _empty.Reader.ReadAsync(cancellation).ConfigureAwait(false);
            }
            catch (ChannelClosedException)
            {
                return; // Writing has failed, and says why.
            }

            int count = 0;
            try
            {
                while (count < BlockSize && await from.ReadAsync(block.AsMemory(count, BlockSize - count), cancellation).ConfigureAwait(false) is var read and > 0)
                {
                    count += read;
                }
            }
            finally
            {
                _full.Writer.TryWrite((block, count)); // Also what came before it broke.
            }

            if (count < BlockSize)
            {
                return;
            }
        }
    }

    private async Task WriteAsync()
    {
        Task flushing = Task.CompletedTask;
        long flushed = Position;
        try
        {
            await foreach ((byte[] block, int count) in _full.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                Task hashing = HashAsync(block, count); // Takes as long as writing: at the same time.
                try
                {
                    RandomAccess.Write(file, block.AsSpan(0, count), Position);
                    Position += count;
                }
                finally
                {
                    await hashing.ConfigureAwait(false);
                }

                _empty.Writer.TryWrite(block);
                if (Position - flushed >= FlushEach && flushing.IsCompleted)
                {
                    flushed = Position;
                    flushing = FlushAsync();
                }
            }
        }
        finally
        {
            _empty.Writer.TryComplete();
            await flushing.ConfigureAwait(false);
        }
    }

    private async Task HashAsync(byte[] block, int count)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        hash.AppendData(block, 0, count);
    }

    private async Task FlushAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        RandomAccess.FlushToDisk(file);
    }
}
