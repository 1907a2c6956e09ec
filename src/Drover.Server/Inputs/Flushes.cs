using Drover.Server.Storage;
using Microsoft.Win32.SafeHandles;

namespace Drover.Server.Inputs;

/// <summary>
/// Files that are complete and not on the disk yet. One thread waits for the disk, for one after the other: all share it.
/// Any thread asks.
/// </summary>
internal sealed class Flushes : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string User, string Hash), Flush> _pending = [];
    private readonly WorkQueue<Flush> _queue = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Flushes() => new Thread(Work) { IsBackground = true, Name = "inputs to disk" }.UnsafeStart();

    /// <summary>Sees that a content comes to the disk, and takes the file over.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="hash">Which.</param>
    /// <param name="length">Its length.</param>
    /// <param name="file">Open; closed when it is on the disk.</param>
    /// <param name="settle">What follows then. The content is pending until that has ended.</param>
    /// <param name="forget">What follows when it cannot be written.</param>
    internal void Add(string user, string hash, long length, SafeFileHandle file, Func<Task> settle, Action forget)
    {
        var flush = new Flush(length, file);
        lock (_lock)
        {
            _pending[(user, hash)] = flush;
            flush.Settled = SettleAsync(); // Not after the lock: whoever finds it waits for this.
        }

        if (!_queue.TryAdd(flush))
        {
            flush.Done.SetException(new ObjectDisposedException(nameof(Flushes)));
        }

        async Task SettleAsync()
        {
            try
            {
                await flush.Done.Task.ConfigureAwait(false);
                await settle().ConfigureAwait(false);
            }
            catch (Exception)
            {
                bool isOurs;
                lock (_lock)
                {
                    isOurs = _pending.GetValueOrDefault((user, hash)) == flush;
                }

                if (isOurs) // Not what another upload of the same has put in its place.
                {
                    forget();
                }

                throw; // To whoever waits for it.
            }
            finally
            {
                file.Dispose();
                lock (_lock)
                {
                    if (_pending.GetValueOrDefault((user, hash)) == flush)
                    {
                        _pending.Remove((user, hash));
                    }
                }
            }
        }
    }

    /// <summary>The length of a content that is pending; null when none is.</summary>
    internal long? LengthOf(string user, string hash)
    {
        lock (_lock)
        {
            return _pending.GetValueOrDefault((user, hash))?.Length;
        }
    }

    /// <summary>Whether a content is pending, of whatever user.</summary>
    internal bool HasHash(string hash)
    {
        lock (_lock)
        {
            return _pending.Keys.Any(each => each.Hash == hash);
        }
    }

    /// <summary>Whether a content of this length is pending.</summary>
    internal bool HasLength(string user, long length)
    {
        lock (_lock)
        {
            return _pending.Any(each => each.Key.User == user && each.Value.Length == length);
        }
    }

    /// <summary>Returns when none of these contents is pending any more.</summary>
    /// <exception cref="StorageException">One of them cannot be written.</exception>
    internal async Task WaitAsync(string user, IEnumerable<string> hashes)
    {
        Task[] pending;
        lock (_lock)
        {
            pending = _pending.Count == 0 ? [] : [.. hashes.Select(hash => _pending.GetValueOrDefault((user, hash))?.Settled).OfType<Task>()];
        }

        await Task.WhenAll(pending).ConfigureAwait(false);
    }

    /// <summary>Waits until all is on the disk.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _closed.Task.ConfigureAwait(false);
        Task[] last;
        lock (_lock)
        {
            last = [.. _pending.Values.Select(flush => flush.Settled)];
        }

        await Task.WhenAll(last).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Work()
    {
        while (_queue.TryTake(out Flush? flush))
        {
            try
            {
                RandomAccess.FlushToDisk(flush.File);
                flush.Done.SetResult();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                flush.Done.SetException(FileErrors.Translate(e, "A file of inputs"));
            }
        }

        _closed.SetResult();
    }

    private sealed class Flush(long length, SafeFileHandle file)
    {
        internal long Length => length;

        internal SafeFileHandle File => file;

        internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Settled { get; set; } = Task.CompletedTask;
    }
}
