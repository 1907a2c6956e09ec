using System.Runtime.CompilerServices;

namespace Drover.Coroutines;

/// <summary>
/// Coroutines that belong together: none outlives the block that started them. When one fails, the others and the body
/// are canceled, everybody is waited for, and every error is thrown as one <see cref="TaskGroupException"/>.
/// </summary>
/// <remarks>
/// <para>A group is a <see cref="CancelScope"/>: canceling it ends the body and all children, and that is no error.</para>
/// <para>After Martin Sústrik's "Structured concurrency" (2016), Trio's nurseries and Python's PEP 654.</para>
/// </remarks>
public sealed partial class TaskGroup : CancelScope
{
    private readonly string? _name;
    private readonly Action<Coroutine, Exception>? _onFailure;
    private HashSet<Exception>? _known;
    private List<Exception>? _errors;
    private WaitNode? _end;
    private bool _isOver;
    private bool _canceledAround;

    internal TaskGroup(EventLoop loop, Coroutine? owner, string? name, bool supervises, Action<Coroutine, Exception>? onFailure = null)
        : base(loop, owner)
    {
        _name = name;
        Supervises = supervises;
        _onFailure = onFailure;
    }

    /// <summary>How many children have not ended.</summary>
    public int Running { get; private set; }

    /// <summary>Whether a child's failure stays its own.</summary>
    public bool Supervises { get; }

    internal override bool IsNamedInTree => _name is not null;

    internal override string DisplayName => _name ?? "task group";

    /// <summary>
    /// Runs <paramref name="body"/> and every child it starts. Returns when all have ended, also when the body throws.
    /// A group that was canceled by its own <see cref="CancelScope.Cancel"/> returns normally.
    /// </summary>
    /// <param name="body">The code; it is given the group to start children in.</param>
    /// <param name="name">The group's name in the tree and in errors.</param>
    /// <exception cref="TaskGroupException">The body or children failed: all errors, also when it is only one.</exception>
    /// <exception cref="ScopeCanceledException">A scope around the group was canceled; every child has ended.</exception>
    public static Task RunAsync(Func<TaskGroup, Task> body, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Create(name, supervises: false).RunToEndAsync(body);
    }

    /// <summary>
    /// As <see cref="RunAsync(Func{TaskGroup, Task}, string?)"/>, for a body that starts children and does not wait itself.
    /// </summary>
    public static Task RunAsync(Action<TaskGroup> body, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunAsync(
            group =>
            {
                body(group);
                return Task.CompletedTask;
            },
            name);
    }

    /// <inheritdoc cref="RunAsync(Func{TaskGroup, Task}, string?)"/>
    /// <returns>The value of the body. A group canceled before there was one throws its cancellation.</returns>
    public static Task<T> RunAsync<T>(Func<TaskGroup, Task<T>> body, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Create(name, supervises: false).RunToEndAsync(body);
    }

    /// <summary>
    /// As <see cref="RunAsync(Func{TaskGroup, Task}, string?)"/>, but a child's failure stays its own: the others go on.
    /// Each failure is given to <paramref name="onFailure"/>, or else to the loop's <see cref="EventLoopOptions.OnReport"/>;
    /// <see cref="Coroutine.TryJoinAsync"/> returns it too. A failure of the body cancels the children.
    /// </summary>
    /// <param name="body">The code; it is given the group to start children in.</param>
    /// <param name="onFailure">Called on the loop's thread, outside of any coroutine. What it throws is reported.</param>
    /// <param name="name">The group's name in the tree and in errors.</param>
    /// <exception cref="TaskGroupException">The body failed.</exception>
    /// <exception cref="ScopeCanceledException">A scope around the group was canceled; every child has ended.</exception>
    public static Task SuperviseAsync(
        Func<TaskGroup, Task> body, Action<Coroutine, Exception>? onFailure = null, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Create(name, supervises: true, onFailure).RunToEndAsync(body);
    }

    /// <summary>
    /// Starts a child. Does not block; the child's code runs when the loop comes to it. In a canceled group the child
    /// starts canceled: its first wait ends at once.
    /// </summary>
    /// <param name="body">The child's code.</param>
    /// <param name="name">Its name in the tree, and for <see cref="Result{T}"/>; by default where it is started.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <exception cref="InvalidOperationException">The group is over; nothing was started.</exception>
    /// <exception cref="WrongLoopException">The calling code is not on the group's loop.</exception>
    public Coroutine Start(Func<Task> body, string? name = null, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        CheckOpen();
        return Add(new Coroutine(Loop, body, name, file, line));
    }

    /// <inheritdoc cref="Start(Func{Task}, string?, string, int)"/>
    public Coroutine<T> Start<T>(
        Func<Task<T>> body, string? name = null, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        CheckOpen();
        return Add(new Coroutine<T>(Loop, body, name, file, line));
    }

    internal void ChildEnded(Coroutine child, Task task)
    {
        child.Unlink();
        Loop.Coroutines--;
        if (Loop.IsThrownByRun(child))
        {
            // Run throws what it ended with; a report would show it twice.
        }
        else if (task.IsFaulted)
        {
            ChildFailed(child, child.ErrorOf(task));
        }
        else if (task.IsCanceled)
        {
            ChildCanceled(child, task);
        }

        if (--Running == 0 && _end is { } end)
        {
            _end = null;
            end.Complete();
        }

        Loop.Ended(child);
    }

    internal void ChildFailed(Coroutine child, Exception error)
    {
        if (!Supervises && !_isOver)
        {
            Fail(child.Name, error);
        }
        else if (_onFailure is not null)
        {
            Loop.Guard(() => _onFailure(child, error));
        }
        else
        {
            Loop.Report(new LoopReport.ChildFailed(Loop.Name, child.Name, child.StartedAt, error));
        }
    }

    internal void LinkRoot() => Link(null);

    private static TaskGroup Create(string? name, bool supervises, Action<Coroutine, Exception>? onFailure = null)
    {
        Coroutine owner = Coroutine.Current;
        return new TaskGroup(owner.Loop, owner, name, supervises, onFailure);
    }

    private void CheckOpen()
    {
        Loop.CheckHere(this);
        if (_isOver)
        {
            throw new InvalidOperationException($"{DisplayName} is over: a child that starts now would belong to nobody.");
        }
    }

    private T Add<T>(T child)
        where T : Coroutine
    {
        child.Link(this);
        Running++;
        Loop.Coroutines++;
        if (child.IsNamed && !Supervises)
        {
            (_named ??= []).TryAdd(child.Name, child);
        }

        if (LoopEventSource.Log.IsEnabled())
        {
            LoopEventSource.Log.CoroutineStarted(Loop.Name, child.Id, child.Name);
        }

        Loop.Enqueue(child, Coroutine.Begin, child);
        return child;
    }

    private async Task RunToEndAsync(Func<TaskGroup, Task> body)
    {
        await RunBodyAsync(body);
        ThrowIfFailed();
    }

    private async Task<T> RunToEndAsync<T>(Func<TaskGroup, Task<T>> body)
    {
        Task<T>? result = null;
        await RunBodyAsync(group => result = body(group));
        ThrowIfFailed();
        return result is { IsCompletedSuccessfully: true } ? await result : throw new ScopeCanceledException(Origin!);
    }

    /// <summary>Runs the body in this scope and waits for every child; what went wrong is kept, not thrown.</summary>
    private async Task RunBodyAsync(Func<TaskGroup, Task> body)
    {
        Enter(Timeout.InfiniteTimeSpan);
        try
        {
            await body(this);
        }
        catch (OperationCanceledException e) when (OriginOf(e) is { } origin && origin == Origin)
        {
            _canceledAround |= origin != this;
        }
        catch (Exception e)
        {
            Fail("the body", e);
        }

        while (Running > 0)
        {
            await ChildrenEndedAsync(); // Again when somebody starts one more between the last end and this line.
        }

        _isOver = true;
        Leave();
    }

    private ValueTask ChildrenEndedAsync()
    {
        _end = Loop.RentWait();
        _end.Begin(this, $"the end of {Running} {(Running == 1 ? "child" : "children")} of {DisplayName}");
        _end.Uncancelable = true;
        return _end.AsValueTask();
    }

    private void ChildCanceled(Coroutine child, Task task)
    {
        if (child.Origin is null)
        {
            ChildFailed(child, child.ErrorOf(task)); // A cancellation that no scope of ours knows: not ours to swallow.
        }
        else if (child.Origin == Origin && Origin != this)
        {
            _canceledAround = true;
        }
    }

    private void Fail(string who, Exception error)
    {
        _errors ??= [];
        _known ??= new(ReferenceEqualityComparer.Instance);
        if (_known.Add(error) && !(error is AggregateException && _errors.Exists(e => IsSame(e, error))))
        {
            _errors.Add(error);
        }

        CancelHere(new CancelReason.SiblingFailed(who, error));
    }

    /// <summary>A task with several errors (Task.WhenAll) makes a new aggregate each time it is asked.</summary>
    private static bool IsSame(Exception one, Exception other) => ReferenceEquals(one, other)
        || (one is AggregateException ones && other is AggregateException others && ones.InnerExceptions.SequenceEqual(others.InnerExceptions));

    private void ThrowIfFailed()
    {
        if (_errors is not null)
        {
            throw new TaskGroupException(_name is null ? $"a task group of {Owner}" : $"task group '{_name}'", _errors);
        }

        if (_canceledAround)
        {
            throw new ScopeCanceledException(Origin!);
        }
    }
}
