namespace Drover.Coroutines;

/// <summary>One call on a thread of a pool, and the one coroutine that waits for it.</summary>
internal abstract class BlockingCall(EventLoop loop, WhenCanceled whenCanceled) : Closable(loop, "call on another thread")
{
    private protected readonly EventLoop Loop = loop;
    private readonly ExecutionContext _context = ExecutionContext.Capture() ?? EventLoop.EmptyContext;
    private int _stage;

    /// <summary>The stages of a call. It leaves each once, by one atomic step, whichever thread comes first.</summary>
    private protected static class Stage
    {
        internal const int Queued = 0;
        internal const int Running = 1;
        internal const int Done = 2;
        internal const int Abandoned = 3;
    }

    private protected override string Kind => "result of";

    /// <summary>On the pool's thread.</summary>
    internal void Run()
    {
        if (TryGo(Stage.Queued, Stage.Running))
        {
            ExecutionContext.Run(_context, static call => ((BlockingCall)call!).Call(), this);
        }
    }

    /// <summary>The coroutine is canceled: takes the call back if it has not begun, and else does as was chosen.</summary>
    internal sealed override bool LetsGo()
    {
        bool leaves = TryGo(Stage.Queued, Stage.Abandoned)
            || (whenCanceled == WhenCanceled.Abandon && TryGo(Stage.Running, Stage.Abandoned));
        if (leaves)
        {
            Loop.OutsideWaits--;
        }

        return leaves;
    }

    private protected abstract void Call();

    private protected bool TryGo(int from, int to) => Interlocked.CompareExchange(ref _stage, to, from) == from;

    private protected override void CloseWaits(CancelReason.OwnerClosed reason)
    {
    }
}

/// <inheritdoc/>
internal sealed class BlockingCall<T> : BlockingCall
{
    private static readonly Action<object?> s_finish = static call => ((BlockingCall<T>)call!).Finish();
    private readonly ParkingLot _waiter;
    private readonly Func<T> _work;
    private Outcome<T> _outcome;

    internal BlockingCall(EventLoop loop, Func<T> work, WhenCanceled whenCanceled)
        : base(loop, whenCanceled)
    {
        _work = work;
        _waiter = new ParkingLot(this, "the");
        loop.OutsideWaits++;
    }

    /// <summary>Waits for the call. The pool may have begun it already; its end comes through the loop's inbox, so not before.</summary>
    internal ValueTask<T> WaitAsync(CancelScope scope, string? situation) =>
        ParkedWait<T>.Park(_waiter, scope, situation).AsValue();

    private protected override void Call()
    {
        try
        {
            _outcome = new Outcome<T>(_work());
        }
        catch (Exception e)
        {
            _outcome = Outcome<T>.FromException(e);
        }

        if (TryGo(Stage.Running, Stage.Done))
        {
            Loop.EnqueueFromOutside(new ReadyEntry(null, s_finish, this));
        }
        else
        {
            Abandon();
        }
    }

    private void Finish()
    {
        Loop.OutsideWaits--;
        var wait = (ParkedWait<T>)_waiter.TakeFirst();
        if (_outcome.TryGetValue(out T? value))
        {
            wait.Complete(value);
        }
        else
        {
            wait.Refuse(_outcome.Error!);
        }
    }

    /// <summary>Nobody waits any more.</summary>
    private void Abandon()
    {
        try
        {
            if (!_outcome.TryGetValue(out T? value))
            {
                throw _outcome.Error!;
            }

            if (value is IDisposable disposable)
            {
                disposable.Dispose();
            }
            else if (value is IAsyncDisposable asyncDisposable)
            {
                asyncDisposable.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        }
        catch (OperationCanceledException)
        {
            // It ended early, as whoever abandoned it wished.
        }
        catch (Exception e)
        {
            Loop.Report(new LoopReport.CallbackFailed(Loop.Name, e));
        }
    }
}
