using System.Buffers;
using Drover.Agent.Attempts;

namespace Drover.Agent.Ops;

/// <summary>Copies bytes from files that may still grow.</summary>
internal static class LogCopy
{
    private const int BlockSize = 64 * 1024;

    // Polled: inotify says nothing about what other machines write on a network file system.
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Goes to an offset; a negative one counts from the end. Returns where that is, and how long the file is.</summary>
    internal static ValueTask<(long Offset, long Total)> SeekAsync(Stream stream, long offset) => Blocking.RunAsync(
        () =>
        {
            long total = stream.Length; // On a network file system this may take its time.
            stream.Position = offset >= 0 ? offset : Math.Max(0, total + offset);
            return (stream.Position, total);
        },
        situation: "the file's length");

    /// <summary>Copies from where the file is to its end, or at most <paramref name="length"/> bytes.</summary>
    internal static async Task CopyAsync(Stream from, Stream to, long? length = null)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            long left = length ?? long.MaxValue;
            while (left > 0 && await CopyBlockAsync(from, to, block, (int)Math.Min(left, BlockSize)) is var count and > 0)
            {
                left -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>Copies from where the file is to its end, and what comes there until the attempt is over.</summary>
    internal static async Task FollowAsync(Stream from, Stream to, Attempt writer)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
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
