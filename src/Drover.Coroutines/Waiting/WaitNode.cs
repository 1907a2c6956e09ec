using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace Drover.Coroutines;

/// <summary>
/// One wait of one coroutine: the single thing that suspends code in this library. It is reused after its result was
/// taken, and it is the source behind the <see cref="ValueTask"/> that the public method returned.
/// </summary>
internal class WaitNode : LoopTimer, IValueTaskSource, IValueTaskSource<Outcome>
{
    private Action<object?>? _continuation;
    private object? _state;
    private short _version;
    private WaitStatus _status;

    /// <summary>The next wait of the same scope; a second one exists only when code waits for several at once.</summary>
    internal WaitNode? NextInScope;

    /// <summary>The scope it waits in, and comes back to.</summary>
    internal CancelScope Scope = null!;

    /// <summary>The caller's words for the wait, or null.</summary>
    internal string? Situation;

    /// <summary>When it began, to the loop's last reading of its clock.</summary>
    internal long Since;

    /// <summary>Whether the scope's cancellation leaves it alone (the end of a task group, which waits for children).</summary>
    internal bool Uncancelable;

    /// <summary>Set: what is already known is not seen before the loop has had a turn.</summary>
    private bool _afterTurn;

    /// <summary>Awaited by the code that began it, not as a task among others: then it is what that code waits for.</summary>
    private bool _isAwaited;

    /// <summary>Why it was refused: the canceled <see cref="CancelScope"/>, a <see cref="CancelReason"/>, or an exception.</summary>
    private protected object? Why { get; private set; }

    internal short Version => _version;

    /// <summary>The async method that goes on when it ends, if it is one that awaits it directly.</summary>
    internal object? AwaitedBy => _isAwaited ? _state : null;

    internal bool IsParked => _status == WaitStatus.Parked;

    internal EventLoop Loop => Scope.Loop;

    internal ValueTask AsValueTask() => new(this, _version);

    internal ValueTask<Outcome> AsOutcome() => new(this, _version);

    internal void Begin(CancelScope scope, string? situation)
    {
        Scope = scope;
        Situation = situation;
        Since = scope.Loop.Tick;
        _status = WaitStatus.Parked;
        NextInScope = scope.FirstWait;
        scope.FirstWait = this;
        scope.Owner!.OpenWaits++;
    }

    /// <summary>What was waited for has come: the coroutine is ready.</summary>
    internal void Complete() => Settle(WaitStatus.Completed, null);

    /// <summary>The wait ends without what was waited for.</summary>
    internal void Refuse(object why) => Settle(WaitStatus.Refused, why);

    /// <summary>As <see cref="Complete"/> for a wait that need not wait: the coroutine still gives others their turn.</summary>
    internal void CompleteAfterTurn()
    {
        _afterTurn = true;
        Complete();
    }

    /// <summary>As <see cref="Refuse"/> before it began to wait: the coroutine still gives others their turn, so a loop
    /// that catches and waits again cannot stop the event loop.</summary>
    internal void RefuseAfterTurn(object why)
    {
        _afterTurn = true;
        Refuse(why);
    }

    /// <summary>Its scope was canceled.</summary>
    internal void Cancel(CancelScope origin)
    {
        if (!IsParked || Uncancelable || !MayLeave())
        {
            return;
        }

        Withdraw();
        Refuse(origin);
    }

    /// <inheritdoc/>
    public override string ToString() => $"a wait ({Describe()})";

    /// <summary>What it waits for, for people.</summary>
    internal string Describe() => Situation is null ? DescribeWait() : $"{Situation} ({DescribeWait()})";

    /// <summary>The default is a sleep: this node is its own timer.</summary>
    internal override void Fire() => Complete();

    /// <summary>What kind of wait it is, also after its end.</summary>
    internal virtual string DescribeKind() => "sleep";

    private string DescribeWait() => IsSet
        ? $"{DescribeKind()}, {Durations.Show(Loop.Timers.DeadlineOf(this) - Loop.Clock.Now)} left"
        : Uncancelable ? "children" : DescribeKind();

    /// <summary>Whether what is waited for lets the waiter go; a call on another thread may have to be waited for.</summary>
    private protected virtual bool MayLeave() => true;

    /// <summary>Takes back what stands for the wait elsewhere: a timer, a place in a queue.</summary>
    private protected virtual void Withdraw() => Loop.Timers.Remove(this);

    /// <summary>The result was taken: the node may serve again.</summary>
    private protected virtual void Recycle() => Loop.Recycle(this);

    public ValueTaskSourceStatus GetStatus(short token)
    {
        CheckToken(token);
        if (_status == WaitStatus.Parked || (_afterTurn && _continuation is null))
        {
            return ValueTaskSourceStatus.Pending;
        }

        return _status == WaitStatus.Completed ? ValueTaskSourceStatus.Succeeded
            : Why is CancelScope ? ValueTaskSourceStatus.Canceled
            : ValueTaskSourceStatus.Faulted;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        CheckToken(token);
        bool isAwaited = flags.HasFlag(ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
        if (SynchronizationContext.Current != Scope)
        {
            AwaitedElsewhere.Redirect(this, ref continuation, ref state, isAwaited);
        }
        else if (isAwaited)
        {
            _isAwaited = true;
            Scope.Owner!.AwaitedWaits++;
        }

        _state = state;
        _continuation = continuation;
        if (_status != WaitStatus.Parked)
        {
            Loop.Enqueue(Scope, continuation, state);
        }
    }

    public void GetResult(short token)
    {
        if (Finish(token) is { } why)
        {
            throw RefusedError(why);
        }
    }

    Outcome IValueTaskSource<Outcome>.GetResult(short token) => Finish(token) switch
    {
        null => Outcome.Done,
        var why => RefusedOutcome(why),
    };

    ValueTaskSourceStatus IValueTaskSource<Outcome>.GetStatus(short token) =>
        GetStatus(token) == ValueTaskSourceStatus.Pending ? ValueTaskSourceStatus.Pending : ValueTaskSourceStatus.Succeeded;

    /// <summary>Ends the wait's use: null, or why it was refused. The node must not be touched afterwards.</summary>
    private protected object? Finish(short token)
    {
        CheckToken(token);
        if (_status == WaitStatus.Parked)
        {
            throw new InvalidOperationException(
                $"The wait '{Describe()}' is not over. Await it: blocking on it would block the event loop that must end it.");
        }

        Loop.BeganStepWith(this);
        object? why = Why;
        Why = null;
        _continuation = null;
        _state = null;
        Situation = null;
        _afterTurn = false;
        Uncancelable = false;
        _version++;
        _status = WaitStatus.Free;
        Coroutine owner = Scope.Owner!;
        owner.OpenWaits--;
        if (_isAwaited)
        {
            _isAwaited = false;
            owner.AwaitedWaits--;
        }

        Recycle();
        Scope = null!;
        return why;
    }

    /// <summary>What to throw. A failure from elsewhere is thrown here already, with the stack that it has.</summary>
    private protected static Exception RefusedError(object why)
    {
        switch (why)
        {
            case CancelScope origin:
                return new ScopeCanceledException(origin);
            case CancelReason.OwnerClosed closed:
                return new ClosedException(closed);
            default:
                ExceptionDispatchInfo.Throw((Exception)why);
                return null;
        }
    }

    private static Outcome RefusedOutcome(object why) => why switch
    {
        CancelScope origin => Outcome.FromScope(origin),
        CancelReason closed => Outcome.Canceled(closed),
        _ => Outcome.Failed((Exception)why),
    };

    private void Settle(WaitStatus status, object? why)
    {
        _status = status;
        Why = why;
        Scope.RemoveWait(this);
        if (_continuation is not null)
        {
            Loop.Enqueue(Scope, _continuation, _state);
        }
    }

    private void CheckToken(short token)
    {
        if (token != _version || _status == WaitStatus.Free)
        {
            throw new InvalidOperationException("This ValueTask was awaited before. Await each one once.");
        }
    }
}
