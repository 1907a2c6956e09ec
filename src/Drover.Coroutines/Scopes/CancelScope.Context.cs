namespace Drover.Coroutines;

/// <content>What makes a scope the place that awaits come back to.</content>
public partial class CancelScope
{
    /// <summary>Queues <paramref name="d"/> to run in this scope on the loop's thread. From any thread; does not block.</summary>
    public sealed override void Post(SendOrPostCallback d, object? state)
    {
        if (Loop.IsHere)
        {
            Loop.Enqueue(this, d, state);
        }
        else
        {
            Loop.EnqueueFromOutside(new ReadyEntry(this, d, state));
        }
    }

    /// <summary>
    /// Runs <paramref name="d"/> in this scope and waits for it: at once on the loop's own thread; elsewhere it blocks
    /// the calling thread until the loop has come to it.
    /// </summary>
    public sealed override void Send(SendOrPostCallback d, object? state)
    {
        if (Loop.IsHere)
        {
            d(state);
            return;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(
            _ =>
            {
                try
                {
                    d(state);
                    done.SetResult();
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            },
            null);
        done.Task.GetAwaiter().GetResult();
    }

    /// <summary>Returns this scope: its identity is what it is for.</summary>
    public sealed override SynchronizationContext CreateCopy() => this;

    /// <summary>
    /// The runtime calls this when code of the loop is about to block its thread (<c>.Result</c>, <c>Wait()</c>, a
    /// contended lock, …). It reports the place, then blocks as asked. A lock is reported when it stays contended.
    /// </summary>
    public sealed override int Wait(nint[] waitHandles, bool waitAll, int millisecondsTimeout) => Loop.IsHere
        ? Loop.ReportBlockingWait(this, milliseconds => WaitHelper(waitHandles, waitAll, milliseconds), millisecondsTimeout)
        : WaitHelper(waitHandles, waitAll, millisecondsTimeout);

    /// <summary>Begins to run in this scope: the code after this line, in this method and what it calls.</summary>
    private protected void Enter(TimeSpan deadline)
    {
        CancelScope parent = Current;
        Link(parent);
        if (deadline != Timeout.InfiniteTimeSpan)
        {
            SetDeadline(deadline);
            if (deadline <= TimeSpan.Zero)
            {
                CancelHere(new CancelReason.Deadline(deadline, Details.Name, null)); // It passed before the body begins.
            }
        }

        SetSynchronizationContext(this);
        if (_details is { External.CanBeCanceled: true })
        {
            _details.BeginToListen();
        }
    }

    /// <summary>Ends it: the code after this line runs in the scope around.</summary>
    private protected void Leave()
    {
        if (_details is { } details)
        {
            Loop.Timers.Remove(details);
            if (details.External.CanBeCanceled)
            {
                details.EndToListen();
            }
        }

        Unlink();
        SetSynchronizationContext(Parent);
    }
}
