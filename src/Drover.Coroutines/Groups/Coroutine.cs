using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Drover.Coroutines;

/// <summary>
/// One strand of code in an event loop: a child of a <see cref="TaskGroup"/>, and the scope that everything in it runs
/// in. Started by <see cref="TaskGroup.Start(Func{Task}, string?, string, int)"/>; this is its handle.
/// </summary>
public partial class Coroutine : CancelScope
{
    private string? _name;
    private readonly string _startedIn;
    private readonly int _startedAt;

    /// <summary>The body before the start, its task afterwards: one field, because there may be a million of them.</summary>
    private object _run;
    private Stage _stage;
    private bool _watchesTask;

    /// <summary>Suspended by a task of its own making (Task.WhenAny, …) while waits of the loop are open: these may end it, or not.</summary>
    private bool _isBesideWaits;

    internal Coroutine(EventLoop loop, Func<Task> body, string? name, string file, int line)
        : base(loop, owner: null)
    {
        Id = loop.NextCoroutineId();
        _name = name;
        _startedIn = file;
        _startedAt = line;
        ExecutionContext? context = ExecutionContext.Capture();
        _run = context is null || context == EventLoop.EmptyContext ? body : new ContextualBody(body, context);
    }

    private enum Stage : byte
    {
        Queued,
        Started,
        Ended,
    }

    /// <summary>The coroutine whose code is running.</summary>
    /// <exception cref="InvalidOperationException">None runs on this thread.</exception>
    public static new Coroutine Current => CancelScope.Current.Owner!;

    /// <summary>A number that is unique in its loop, in order of starting.</summary>
    public int Id { get; }

    /// <summary>The name that was given, or where it was started.</summary>
    public string Name => _name ?? StartedAt;

    /// <summary>Where it was started: file and line; empty when that is not known.</summary>
    public string StartedAt => _startedIn.Length == 0 ? "" : $"{Path.GetFileName(_startedIn)}:{_startedAt}";

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _stage == Stage.Ended;

    /// <summary>
    /// What the code says that it is doing. Shown in the tree while it awaits something that is not the loop's own;
    /// waits of the loop's own take their words with each call.
    /// </summary>
    public string? Situation
    {
        get => DetailsIfAny?.Situation;
        set => Details.Situation = value;
    }

    /// <summary>How it ended. Does not wait.</summary>
    /// <exception cref="InvalidOperationException">It has not ended.</exception>
    public Outcome Outcome => EndedTask() switch
    {
        { IsCompletedSuccessfully: true } => Outcome.Done,
        var task => Outcome.FromException(ErrorOf(task)),
    };

    internal override string DisplayName => Name;

    /// <summary>Waits (of the loop's own) that began and whose result was not yet taken.</summary>
    internal int OpenWaits;

    /// <summary>Those of them that the code is suspended by; the others it keeps as tasks, beside who knows what.</summary>
    internal int AwaitedWaits;

    /// <summary>Delays through the loop's TimeProvider that this coroutine began and that are still to come.</summary>
    internal int OpenDelays;

    /// <summary>Whether it is suspended by something that is not the loop's own: a socket, a task, another thread.</summary>
    internal bool IsOutside;

    /// <summary>When it was suspended by something outside.</summary>
    internal long OutsideSince { get; private set; }

    internal TaskGroup Group => (TaskGroup)Parent!;

    internal bool IsQueued => _stage == Stage.Queued;

    internal bool IsNamed => _name is not null;

    /// <summary>
    /// Waits until it has ended. Throws what it failed with, or its cancellation. A wait that is canceled leaves the
    /// coroutine alone. Several may wait for it.
    /// </summary>
    /// <exception cref="ScopeCanceledException">The coroutine was canceled, or this wait: <see cref="ScopeCanceledException.Scope"/> tells.</exception>
    /// <exception cref="WrongLoopException">It belongs to another loop.</exception>
    public async ValueTask JoinAsync()
    {
        await WaitForEndAsync();
        Outcome.ThrowIfNotDone();
    }

    /// <summary>
    /// Waits until it has ended and returns how. The outcome is the coroutine's; the cancellation of this wait is thrown.
    /// </summary>
    /// <exception cref="ScopeCanceledException">The scope of this wait is canceled.</exception>
    /// <exception cref="WrongLoopException">It belongs to another loop.</exception>
    public async ValueTask<Outcome> TryJoinAsync()
    {
        await WaitForEndAsync();
        return Outcome;
    }

    /// <inheritdoc/>
    public override string ToString() => $"coroutine '{Name}'";

    /// <summary>Who acts: the running coroutine, or the thread.</summary>
    internal static string Caller() => SynchronizationContext.Current is CancelScope { Owner: { } coroutine }
        ? coroutine.Name
        : Thread.CurrentThread.Name ?? $"thread {Environment.CurrentManagedThreadId}";

    /// <summary>What it waits for now: the newest wait in the innermost scope of its own that has one.</summary>
    internal WaitNode? CurrentWait()
    {
        WaitNode? found = null;
        foreach (CancelScope scope in OwnScopes())
        {
            found = scope.FirstWait ?? found;
        }

        return found;
    }

    /// <summary>Whether its body certainly waits for something of the loop, and for nothing else.</summary>
    internal bool CertainlyWaits()
    {
        foreach (CancelScope scope in OwnScopes())
        {
            for (WaitNode? wait = scope.FirstWait; wait is not null; wait = wait.NextInScope)
            {
                if (Suspension.LeadsTo(wait.AwaitedBy, Unsafe.As<Task>(_run)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    internal string DescribeOutside() => Situation ?? "something outside the event loop";

    /// <summary>The first step: calls the body.</summary>
    internal static readonly Action<object?> Begin = static state => ((Coroutine)state!).CallBody();

    /// <summary>After each step: has the body ended, or what is it suspended by?</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void AfterStep()
    {
        if (_stage == Stage.Started)
        {
            if (Unsafe.As<Task>(_run).IsCompleted)
            {
                End();
            }
            else if (AwaitedWaits == 0)
            {
                SuspendOutside();
            }
        }
    }

    /// <summary>An exception left a callback that nobody awaits (async void): the group must not lose it.</summary>
    internal void Escaped(Exception error) => Group.ChildFailed(this, error);

    /// <summary>
    /// The failure, or the cancellation as an exception. A canceled task does not show its exception without throwing
    /// it, which is slow; so for a coroutine in a canceled scope the scope's cancellation stands for it.
    /// </summary>
    internal Exception ErrorOf(Task task)
    {
        if (task.Exception is { } failure)
        {
            return failure.InnerExceptions.Count == 1 ? failure.InnerException! : failure;
        }

        if (Origin is { } origin)
        {
            return new ScopeCanceledException(origin);
        }

        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException e)
        {
            return e;
        }

        throw new InvalidOperationException($"{this} has no error.");
    }

    internal Task EndedTask() => HasEnded
        ? Unsafe.As<Task>(_run)
        : throw new InvalidOperationException($"{this} has not ended. Await JoinAsync or TryJoinAsync.");

    private protected ValueTask WaitForEndAsync()
    {
        Loop.CheckHere(this);
        CancelScope scope = CancelScope.Current;
        if (HasEnded)
        {
            scope.ThrowIfCanceled();
            return default;
        }

        ParkingLot joiners = Details.Joiners ??= new ParkingLot(new Joinable(this), "end of");
        return scope.Origin is { } origin
            ? ParkedWait.Refused(joiners, scope, null, origin).AsValueTask()
            : ParkedWait.Park(joiners, scope, null).AsValueTask();
    }

    private void CallBody()
    {
        object run = _run;
        _stage = Stage.Started;
        try
        {
            _run = (run is ContextualBody body ? body.Call() : Unsafe.As<Func<Task>>(run)())
                ?? throw new InvalidOperationException($"The body of {this} returned null instead of a task.");
        }
        catch (Exception e)
        {
            _run = e is OperationCanceledException ? Rethrow(e) : Task.FromException(e);
        }

        ExecutionContext.Restore(EventLoop.EmptyContext); // A body that is no async method may leave its values behind.
    }

    /// <summary>A body that is no async method and throws a cancellation: an async method makes the same task as for one that is.</summary>
    private static async Task Rethrow(Exception e)
    {
        ExceptionDispatchInfo.Throw(e);
        await Task.CompletedTask;
    }

    /// <summary>This and the scopes that its own code has entered, outermost first.</summary>
    private IEnumerable<CancelScope> OwnScopes()
    {
        var scopes = new Stack<CancelScope>([this]);
        while (scopes.TryPop(out CancelScope? scope))
        {
            yield return scope;
            foreach (CancelScope child in scope.Children)
            {
                if (child.Owner == this)
                {
                    scopes.Push(child);
                }
            }
        }
    }

    /// <summary>Before each step: whatever suspended it, it goes on now.</summary>
    internal void ComeBack()
    {
        IsOutside = false;
        CountOutside(-1);
    }

    /// <summary>A delay of it is over. If nobody awaited that one, it is something outside that suspends it.</summary>
    internal void LooksOutside()
    {
        if (_stage == Stage.Started && OpenDelays == 0 && AwaitedWaits == 0 && Loop.RunningCoroutine != this)
        {
            SuspendOutside();
        }
    }

    private void SuspendOutside()
    {
        if (IsOutside)
        {
            return;
        }

        if (!_watchesTask)
        {
            // The body's task may be completed by a thread outside (a library that does not come back to the context).
            // The continuation need do nothing: posting it here is a step, and the step looks whether the task ended.
            _watchesTask = true;
            SetSynchronizationContext(this);
            Unsafe.As<Task>(_run).GetAwaiter().UnsafeOnCompleted(s_nothing);
        }

        if (OpenDelays > 0)
        {
            return; // Task.Delay with the loop's clock: a timer of ours will wake it.
        }

        IsOutside = true;
        OutsideSince = Loop.Tick;
        _isBesideWaits = OpenWaits > 0;
        CountOutside(1);
    }

    private void CountOutside(int by)
    {
        if (_isBesideWaits)
        {
            Loop.CoroutinesBesideWaits += by;
        }
        else
        {
            Loop.OutsideCoroutines += by;
        }
    }

    private static readonly Action s_nothing = static () => { };

    private void End()
    {
        _stage = Stage.Ended;
        if (OpenWaits > 0 || HasChildren)
        {
            LeaveBehind();
        }

        DetailsIfAny?.Joiners?.CompleteAll();
        if (DetailsIfAny is { } details)
        {
            Loop.Timers.Remove(details);
        }

        Group.ChildEnded(this, Unsafe.As<Task>(_run));
    }

    /// <summary>
    /// Async methods that the body did not await are still at it. What they wait for is canceled; their scopes, with the
    /// children inside, come under the root, so that they are seen and waited for.
    /// </summary>
    private void LeaveBehind()
    {
        var reason = new CancelReason.Requested(Name, "the coroutine has ended and did not await it");
        foreach (CancelScope scope in Children.ToArray())
        {
            scope.CancelHere(reason);
            scope.Unlink();
            scope.Link(Loop.Root);
        }

        Details.Reason ??= reason;
        for (WaitNode? wait = FirstWait, next; wait is not null; wait = next)
        {
            next = wait.NextInScope;
            wait.Cancel(this);
        }
    }

    private sealed class ContextualBody(Func<Task> body, ExecutionContext context)
    {
        internal Task Call()
        {
            Task? task = null;
            ExecutionContext.Run(context, _ => task = body(), null);
            return task!;
        }
    }

    /// <summary>A coroutine's end, as something to wait for.</summary>
    private sealed class Joinable(Coroutine coroutine) : Closable(coroutine.Loop, coroutine.Name)
    {
        private protected override string Kind => "coroutine";

        private protected override void CloseWaits(CancelReason.OwnerClosed reason)
        {
        }
    }
}
