using System.Collections.Concurrent;

namespace Drover.Coroutines.Tests.Generators;

/// <summary>A synchronization context whose queue the test runs itself, on its own thread.</summary>
internal sealed class QueueContext : SynchronizationContext
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _queue = [];

    /// <summary>How many callbacks were posted.</summary>
    public int Posts { get; private set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_queue)
        {
            Posts++;
        }

        _queue.Add((d, state));
    }

    /// <summary>Starts the main method in this context and runs the queue until it has ended.</summary>
    public void Run(Func<Task> main)
    {
        SynchronizationContext? outside = Current;
        SetSynchronizationContext(this);
        try
        {
            Task running = main();
            while (!running.IsCompleted)
            {
                if (!_queue.TryTake(out (SendOrPostCallback Callback, object? State) next, s_patience))
                {
                    throw new TimeoutException("Nothing was posted, and the main method has not ended.");
                }

                next.Callback(next.State);
            }

            running.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(outside);
        }
    }
}
