namespace Drover.Coroutines;

/// <summary>
/// Threads for code that blocks or computes. At most so many at once; calls beyond that wait in order. Threads start
/// when they are needed and end after ten idle seconds. May be shared by several loops.
/// </summary>
public sealed class BlockingPool
{
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(10);
    private readonly Queue<BlockingCall> _calls = new();
    private readonly bool _yields;
    private int _running;
    private int _idle;

    /// <summary>Makes a pool; no thread is started yet.</summary>
    /// <param name="threads">How many calls run at once; at least one.</param>
    /// <param name="name">The name of its threads.</param>
    public BlockingPool(int threads, string name = "blocking")
        : this(threads, name, yields: false)
    {
    }

    private BlockingPool(int threads, string name, bool yields)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        Name = name;
        _yields = yields;
    }

    /// <summary>For calls that block: 64 threads.</summary>
    public static BlockingPool Default { get; } = new(64);

    /// <summary>
    /// For calls that compute: one thread for each processor. On Linux their priority is lower than that of the other
    /// threads, so that an event loop that wakes up runs at once.
    /// </summary>
    public static BlockingPool Cpu { get; } = new(Environment.ProcessorCount, "cpu", yields: true);

    /// <summary>How many calls run at once.</summary>
    public int Threads { get; }

    /// <summary>The name of its threads.</summary>
    public string Name { get; }

    internal void Enqueue(BlockingCall call)
    {
        // Not as the coroutine: the watchdog would take a moment of contention here for a blocking wait of its code.
        SynchronizationContext? context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            lock (_calls)
            {
                if (_calls.Count >= _idle && _running < Threads)
                {
                    new Thread(Work) { IsBackground = true, Name = Name }.UnsafeStart(); // Before the rest: the system may refuse.
                    _running++;
                }

                _calls.Enqueue(call);
                Monitor.Pulse(_calls);
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private void Work()
    {
        if (_yields)
        {
            ThreadPriority.Lower();
        }

        while (TryTake(out BlockingCall? call))
        {
            call.Run();
        }
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out BlockingCall? call)
    {
        lock (_calls)
        {
            while (!_calls.TryDequeue(out call))
            {
                _idle++;
                bool isPulsed = Monitor.Wait(_calls, s_idle);
                _idle--;
                if (!isPulsed && _calls.Count == 0)
                {
                    _running--;
                    return false;
                }
            }

            return true;
        }
    }
}
