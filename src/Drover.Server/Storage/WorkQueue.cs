using System.Diagnostics.CodeAnalysis;

namespace Drover.Server.Storage;

/// <summary>What waits for the store's threads, first come first served. Any thread adds.</summary>
/// <remarks>Whoever adds waits for an answer, so it is as long as there are callers at most.</remarks>
internal sealed class WorkQueue<T>
{
    private readonly Queue<T> _items = new();
    private bool _isClosed;

    /// <summary>Adds an item, unless the queue was closed.</summary>
    internal bool TryAdd(T item)
    {
        // Not as a coroutine: its loop's watchdog would take a moment of contention here for a blocking wait.
        SynchronizationContext? context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            lock (_items)
            {
                if (_isClosed)
                {
                    return false;
                }

                _items.Enqueue(item);
                Monitor.Pulse(_items);
                return true;
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>Waits for an item; false when the queue was closed and is empty.</summary>
    internal bool TryTake([MaybeNullWhen(false)] out T item)
    {
        lock (_items)
        {
            WaitForItems();
            return _items.TryDequeue(out item);
        }
    }

    /// <summary>Waits for an item and takes what is there, up to a limit; false when the queue was closed and is empty.</summary>
    internal bool TryTakeMany(List<T> into, int limit)
    {
        lock (_items)
        {
            WaitForItems();
            while (into.Count < limit && _items.TryDequeue(out T? item))
            {
                into.Add(item);
            }

            return into.Count > 0;
        }
    }

    /// <summary>Nothing is added any more; what is there is still taken.</summary>
    internal void Close()
    {
        lock (_items)
        {
            _isClosed = true;
            Monitor.PulseAll(_items);
        }
    }

    private void WaitForItems()
    {
        while (_items.Count == 0 && !_isClosed)
        {
            Monitor.Wait(_items);
        }
    }
}
