using System.Buffers;
using Drover.Agent.Attempts;

namespace Drover.Agent.Ops;

/// <summary>Copies bytes from files that may still grow.</summary>
internal static class LogCopy
{
    private const int BlockSize = 64 * 1024;
    private const int LargeBlockSize = 256 * 1024;

    // Polled: inotify says nothing about what other machines write on a network file system.
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Goes to an offset; a negative one counts from the end. Returns where that is, and how long the file is.</summary>
    internal static ValueTask<(long Offset, long Total)> SeekAsync(Stream stream, long offset) => stream is MemoryStream
        ? new(Seek(stream, offset))
        : Blocking.RunAsync(() => Seek(stream, offset), situation: "the file's length"); // On a network file system it may take its time.

    private static (long Offset, long Total) Seek(Stream stream, long offset)
    {
        long total = stream.Length;
        stream.Position = offset >= 0 ? offset : Math.Max(0, total + offset);
        return (stream.Position, total);
    }

    /// <summary>
    /// Copies from where the file is to its end, or at most <paramref name="length"/> bytes. Not on the loop: for long files
    /// the way there and back costs more than the bytes.
    /// </summary>
    /// <returns>How many bytes that were.</returns>
    internal static async Task<long> CopyAsync(Stream from, Stream to, long? length = null)
    {
        Coroutine.Current.Situation = "the server to take more";
        return await CopyElsewhereAsync(from, to, length ?? long.MaxValue, CancelScope.Current.Token);
    }

    /// <summary>Copies from where the file is to its end, and what comes there until the attempt is over.</summary>
    internal static async Task FollowAsync(Stream from, Stream to, Attempt writer)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            await CopyAsync(from, to); // What is there already may be long.
            TimeSpan pause = s_shortestPause;
            while (true)
            {
                bool isOver = writer.Over.IsSet; // Before reading: what is there after the end is all.
                if (await CopyBlockAsync(from, to, block, BlockSize) > 0)
                {
                    pause = s_shortestPause;
                    continue;
                }

                if (isOver)
                {
                    return;
                }

                await to.FlushAsync(CancelScope.Current.Token);
                await CancelScope.MoveOnAfterAsync(pause, async () => await writer.Over.TryWaitAsync("more output"));
                pause = pause * 1.5 < s_longestPause ? pause * 1.5 : s_longestPause;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private static async Task<long> CopyElsewhereAsync(Stream from, Stream to, long length, CancellationToken cancellation)
    {
        if (from is not MemoryStream) // What is in memory keeps no thread waiting.
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }

        byte[] block = ArrayPool<byte>.Shared.Rent(LargeBlockSize);
        try
        {
            long left = length;
            while (left > 0 && await from.ReadAsync(block.AsMemory(0, (int)Math.Min(left, LargeBlockSize)), cancellation).ConfigureAwait(false) is var count and > 0)
            {
                await to.WriteAsync(block.AsMemory(0, count), cancellation).ConfigureAwait(false);
                left -= count;
            }

            return length - left;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private static async Task<int> CopyBlockAsync(Stream from, Stream to, byte[] block, int size)
    {
        Coroutine.Current.Situation = "reading";
        int count = await from.ReadAsync(block.AsMemory(0, size), CancelScope.Current.Token);
        if (count > 0)
        {
            Coroutine.Current.Situation = "the server to take more";
            await to.WriteAsync(block.AsMemory(0, count), CancelScope.Current.Token);
        }

        return count;
    }
}
