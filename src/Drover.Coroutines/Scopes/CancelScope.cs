using System.Runtime.CompilerServices;

namespace Drover.Coroutines;

/// <summary>
/// A piece of work that can be canceled as a whole: everything that waits inside it, in this coroutine and in the
/// children started inside, ends at once, and every later wait inside ends too, until the scope is left.
/// </summary>
/// <remarks>
/// <para>Scopes nest; each has the deadlines of those around it besides its own. A scope absorbs its own cancellation
/// and no other's. A shielded scope is not reached by the cancellation of those around it.</para>
/// <para>The scope that code runs in is its <see cref="SynchronizationContext.Current"/>: so an await of anything
/// comes back to the right coroutine, in the right scope, on the loop's thread (decision 0002).</para>
/// <para>After Nathaniel J. Smith, "Timeouts and cancellation for humans" (2018), and Trio.</para>
/// </remarks>
public partial class CancelScope : SynchronizationContext
{
    internal readonly EventLoop Loop;

    /// <summary>The waits that are parked in exactly this scope.</summary>
    internal WaitNode? FirstWait;

    private CancelScope? _firstChild;
    private CancelScope? _next;
    private CancelScope? _previous;
    private ScopeDetails? _details;

    internal CancelScope(EventLoop loop, Coroutine? owner)
    {
        Loop = loop;
        Owner = owner ?? this as Coroutine;
        SetWaitNotificationRequired(); // Blocking the loop's thread is reported: see Wait.
    }

    /// <summary>The innermost scope of the running code.</summary>
    /// <exception cref="InvalidOperationException">No coroutine runs on this thread.</exception>
    public static new CancelScope Current
    {
        get
        {
            // Every wait comes here. A compare with the usual exact types is a third of what a cast to a base class costs.
            SynchronizationContext? context = SynchronizationContext.Current;
            return context is not null && (context.GetType() == typeof(Coroutine) || context.GetType() == typeof(CancelScope))
                ? Unsafe.As<CancelScope>(context)
                : context as CancelScope ?? throw EventLoop.NoCoroutine();
        }
    }

    /// <summary>Whether this scope, or one around it without a shield between, was canceled.</summary>
    public bool IsCanceled => Origin is not null;

    /// <summary>Why it was canceled, by whom, which deadline; null while it was not.</summary>
    public CancelReason? Reason => Origin?.OwnReason;

    /// <summary>Whether the cancellation of scopes around this one does not reach in.</summary>
    public bool IsShielded { get; private set; }

    /// <summary>
    /// How long until the earliest deadline that reaches into this scope, its own or one around it;
    /// <see cref="Timeout.InfiniteTimeSpan"/> without any, zero when it has passed.
    /// </summary>
    public TimeSpan TimeLeft
    {
        get
        {
            long earliest = Durations.Never;
            for (CancelScope? scope = this; scope is not null; scope = scope.IsShielded ? null : scope.Parent)
            {
                earliest = Math.Min(earliest, scope._details?.Deadline ?? Durations.Never);
            }

            return earliest == Durations.Never
                ? Timeout.InfiniteTimeSpan
                : TimeSpan.FromTicks(Math.Max(0, earliest - Loop.Clock.Now) / Durations.NanosecondsPerTick);
        }
    }

    /// <summary>
    /// A token that is canceled with the scope, to pass to calls outside this library. Made at first use. The
    /// <see cref="OperationCanceledException"/> that such a call throws is the scope's cancellation. What is registered
    /// with it runs on the loop's thread; what that throws is reported.
    /// </summary>
    /// <exception cref="WrongLoopException">The calling thread does not run the scope's loop. (The token itself may go anywhere.)</exception>
    public CancellationToken Token
    {
        get
        {
            Loop.CheckHere(this);
            CancellationTokenSource source = Details.TokenSource ??= new CancellationTokenSource();
            if (IsCanceled && !source.IsCancellationRequested)
            {
                Loop.CallOutsideCoroutine(static s => ((CancellationTokenSource)s).Cancel(), source);
            }

            return source.Token;
        }
    }

    /// <summary>The scope that was canceled, this or one around it; null while none was.</summary>
    internal CancelScope? Origin { get; private set; }

    /// <summary>The coroutine whose code runs in this scope; null for the root of a loop.</summary>
    internal Coroutine? Owner { get; }

    internal CancelScope? Parent { get; private set; }

    internal CancelReason? OwnReason => _details?.Reason;

    internal ScopeDetails Details => _details ??= new ScopeDetails(this);

    internal ScopeDetails? DetailsIfAny => _details;

    internal virtual bool IsNamedInTree => _details?.Name is not null;

    internal virtual string DisplayName => _details?.Name ?? "scope";

    /// <summary>
    /// Cancels the scope. Returns at once; what waits inside is woken in turn. From any thread: elsewhere than on the
    /// loop's own it takes effect as soon as the loop comes to it. Again, or after the end, it does nothing.
    /// </summary>
    /// <param name="why">The words that the reason carries.</param>
    public void Cancel(string why)
    {
        var reason = new CancelReason.Requested(Coroutine.Caller(), why);
        if (Loop.IsHere)
        {
            CancelHere(reason);
        }
        else
        {
            Loop.Post(() => CancelHere(reason));
        }
    }

    /// <summary>Throws when the scope is canceled. A point to cancel at in code that computes without waiting.</summary>
    /// <exception cref="ScopeCanceledException">The scope is canceled.</exception>
    public void ThrowIfCanceled()
    {
        if (Origin is { } origin)
        {
            throw new ScopeCanceledException(origin);
        }
    }

    /// <summary>
    /// Sets the scope's own deadline anew, counted from now; infinite removes it, zero or less cancels as soon as the loop
    /// looks at its timers. Does nothing once canceled or left.
    /// </summary>
    /// <exception cref="WrongLoopException">The calling thread does not run the scope's loop.</exception>
    public void SetDeadline(TimeSpan fromNow)
    {
        Loop.CheckHere(this);
        ScopeDetails details = Details;
        Loop.Timers.Remove(details);
        details.Allowed = fromNow;
        details.Deadline = Loop.DeadlineAfter(fromNow);
        if (details.Deadline != Durations.Never && !IsCanceled && IsLinked)
        {
            Loop.Timers.Add(details, details.Deadline);
        }
    }

    internal void CancelHere(CancelReason reason)
    {
        if (IsCanceled || !IsLinked)
        {
            return;
        }

        Details.Reason = reason;
        Loop.Timers.Remove(Details);
        Loop.Wake(MarkCanceled());
    }

    /// <summary>What the code inside waits for, for the reason of a deadline: its first wait found, or null.</summary>
    internal string? WaitingFor()
    {
        foreach (CancelScope scope in Inside())
        {
            if (scope.FirstWait is { Uncancelable: false } wait)
            {
                return wait.Describe();
            }

            if (scope is Coroutine { IsOutside: true } outside)
            {
                return outside.DescribeOutside();
            }
        }

        return Owner is { IsOutside: true } owner ? owner.DescribeOutside() : null;
    }

    /// <summary>Ends the waits of exactly this scope and cancels its token.</summary>
    internal void WakeWaits()
    {
        for (WaitNode? wait = FirstWait, next; wait is not null; wait = next)
        {
            next = wait.NextInScope;
            wait.Cancel(Origin!);
        }

        if (_details?.TokenSource is { } source)
        {
            Loop.CallOutsideCoroutine(static s => ((CancellationTokenSource)s).Cancel(), source);
        }
    }

    internal void RemoveWait(WaitNode wait)
    {
        if (FirstWait == wait)
        {
            FirstWait = wait.NextInScope;
        }
        else
        {
            WaitNode? before = FirstWait;
            while (before!.NextInScope != wait)
            {
                before = before.NextInScope;
            }

            before.NextInScope = wait.NextInScope;
        }

        wait.NextInScope = null;
    }

    /// <summary>Marks everything inside as canceled, at once, and returns those that have someone to wake.</summary>
    private List<CancelScope> MarkCanceled()
    {
        var toWake = new List<CancelScope>();
        CancelScope scope = this;
        while (true)
        {
            bool enter = scope == this || (!scope.IsShielded && !scope.IsCanceled);
            if (enter)
            {
                scope.Origin = this;
                if (scope.FirstWait is not null || scope._details?.TokenSource is not null)
                {
                    toWake.Add(scope);
                }
            }

            if (!scope.TryGoOn(this, enter, out scope!))
            {
                return toWake;
            }
        }
    }
}
