using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Drover.Coroutines;

/// <summary>
/// Runs coroutines on one thread. Their code is interleaved only at awaits, so what belongs to the loop needs no locks.
/// </summary>
/// <remarks>
/// <see cref="Run{T}(Func{Task{T}}, EventLoopOptions?, string, int)"/> is for programs, <see cref="Start(string)"/> for servers with a
/// loop on a thread of its own, <see cref="GuestLoop"/> for a thread that has a message loop already.
/// </remarks>
public sealed partial class EventLoop : IAsyncDisposable
{
    [ThreadStatic]
    private static EventLoop? s_current;

    /// <summary>Which overload a lambda means: its task is awaited wherever it returns one, and a method without is the last choice.</summary>
    private const int TaskBody = 2;
    private const int ValueTaskBody = 1;

    private readonly EventLoopOptions _options;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _threadId;
    private Coroutine? _main;

    internal EventLoop(EventLoopOptions? options)
    {
        _options = options ?? EventLoopOptions.Default;
        _options.Validate();
        _seeded = _options.Seed is { } seed ? new SeededOrder(seed) : null;
        _virtual = _options.VirtualTimeFrom is { } start ? new VirtualClock(start) : null;
        Clock = _virtual ?? (Clock)MachineClock.Instance;
        _started = Tick = Clock.Now;
        Time = new LoopTimeProvider(this);
        Random = new Random(Seed(_options));
        Root = new TaskGroup(this, null, "root", supervises: true);
        Root.LinkRoot();
        LoopRegistry.Add(this);
    }

    /// <summary>The loop whose code runs on this thread.</summary>
    /// <exception cref="InvalidOperationException">No loop runs on this thread.</exception>
    public static EventLoop Current => s_current ?? throw NoLoop();

    /// <summary>The loop's name.</summary>
    public string Name => _options.Name;

    /// <summary>
    /// The loop's time: pass it wherever a <see cref="TimeProvider"/> is taken (<c>Task.Delay</c>, a
    /// <see cref="CancellationTokenSource"/>, …), so that virtual time holds there too. May be used on any thread. The
    /// callbacks of its timers run on the loop's thread, outside of any coroutine, and must not block.
    /// </summary>
    public TimeProvider Time { get; }

    /// <summary>
    /// Random numbers for code on this loop: the same ones in each run with the same seed, and in virtual time without a
    /// seed; others each time elsewhere. Not for secrets. Belongs to the loop: do not draw on another thread.
    /// </summary>
    public Random Random { get; }

    /// <summary>Whether the calling thread is running this loop.</summary>
    public bool IsHere => s_current == this;

    private static int Seed(EventLoopOptions options) => options switch
    {
        { Seed: { } seed } => (int)(seed ^ (seed >> 32)),
        { VirtualTimeFrom: not null } => 0,
        _ => RandomNumberGenerator.GetInt32(int.MaxValue),
    };

    internal static EventLoop? CurrentOrNull => s_current;

    internal Clock Clock { get; }

    /// <summary>The group of the main coroutine and of whatever comes from outside.</summary>
    internal TaskGroup Root { get; }

    internal EventLoopOptions Options => _options;

    /// <summary>
    /// Runs <paramref name="main"/> on the calling thread until it has ended, then cancels and awaits what
    /// <see cref="InvokeAsync(Func{Task}, string?, CancellationToken, string, int)"/> brought in. Blocks the thread.
    /// </summary>
    /// <param name="main">The code.</param>
    /// <param name="options">How the loop runs; by default as <see cref="EventLoopOptions"/> says.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>The value of <paramref name="main"/>; what it throws is thrown, with its own stack.</returns>
    /// <exception cref="DeadlockException">Nothing could wake the loop again.</exception>
    /// <exception cref="InvalidOperationException">A loop runs on this thread already; nothing was run.</exception>
    public static T Run<T>(
        Func<Task<T>> main, EventLoopOptions? options = null, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(main);
        using var loop = new LoopOnThisThread(options);
        Task task = loop.Run(main, file, line);
        task.GetAwaiter().GetResult();
        return ((Task<T>)task).Result;
    }

    /// <inheritdoc cref="Run{T}(Func{Task{T}}, EventLoopOptions?, string, int)"/>
    public static void Run(
        Func<Task> main, EventLoopOptions? options = null, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(main);
        using var loop = new LoopOnThisThread(options);
        loop.Run(main, file, line).GetAwaiter().GetResult();
    }

    /// <summary>
    /// Starts a loop on a background thread of its own; it runs until <see cref="StopAsync"/>. Does not block. Enter it
    /// through <see cref="InvokeAsync(Func{Task}, string?, CancellationToken, string, int)"/>. A fault of the loop itself
    /// ends the process with the tree; what coroutines throw never does.
    /// </summary>
    public static EventLoop Start(string name) => Start(new EventLoopOptions { Name = name });

    /// <inheritdoc cref="Start(string)"/>
    public static EventLoop Start(EventLoopOptions options)
    {
        var loop = new EventLoop(options);
        IDisposable open = loop.HoldOpen("until StopAsync");
        loop._openUntilStop = open;
        new Thread(loop.RunOwnThread) { IsBackground = true, Name = options.Name }.UnsafeStart();
        return loop;
    }

    /// <summary>
    /// Runs <paramref name="body"/> as a coroutine of this loop. From any thread and any other loop; does not block.
    /// The task ends as the body does: with its value, its exception, its cancellation.
    /// </summary>
    /// <param name="body">The code.</param>
    /// <param name="name">The coroutine's name.</param>
    /// <param name="cancellationToken">
    /// Cancels the coroutine's scope. The body runs all the same, up to its first wait. In a coroutine of another loop,
    /// pass <c>CancelScope.Current.Token</c>; without a token the caller's cancellation does not reach the call.
    /// </param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <exception cref="CoroutineException">Through the task: the loop has ended, and the body did not run.</exception>
    /// <exception cref="DeadlockException">Through the task: the loop ended as deadlocked before the body had ended.</exception>
    [OverloadResolutionPriority(TaskBody)]
    public Task<T> InvokeAsync<T>(
        Func<Task<T>> body, string? name = null, CancellationToken cancellationToken = default,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        var invocation = new Invocation<T>(this, body, name ?? "invoked", cancellationToken, file, line);
        EnqueueFromOutside(new ReadyEntry(null, Invocation<T>.Begin, invocation));
        return invocation.Task;
    }

    /// <inheritdoc cref="InvokeAsync{T}(Func{Task{T}}, string?, CancellationToken, string, int)"/>
    [OverloadResolutionPriority(TaskBody)]
    public Task InvokeAsync(
        Func<Task> body, string? name = null, CancellationToken cancellationToken = default,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        return InvokeAsync(
            async () =>
            {
                await body();
                return true;
            },
            name,
            cancellationToken,
            file,
            line);
    }

    /// <inheritdoc cref="InvokeAsync{T}(Func{Task{T}}, string?, CancellationToken, string, int)"/>
    [OverloadResolutionPriority(ValueTaskBody)]
    public Task<T> InvokeAsync<T>(
        Func<ValueTask<T>> body, string? name = null, CancellationToken cancellationToken = default,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        return InvokeAsync(async () => await body(), name, cancellationToken, file, line);
    }

    /// <inheritdoc cref="InvokeAsync{T}(Func{Task{T}}, string?, CancellationToken, string, int)"/>
    [OverloadResolutionPriority(ValueTaskBody)]
    public Task InvokeAsync(
        Func<ValueTask> body, string? name = null, CancellationToken cancellationToken = default,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        return InvokeAsync(async () => await body(), name, cancellationToken, file, line);
    }

    /// <summary>
    /// Runs <paramref name="body"/>, which does not wait, as a coroutine on this loop's thread and returns its value. From
    /// any thread; does not block. It runs also when the token is canceled.
    /// </summary>
    public Task<T> InvokeAsync<T>(
        Func<T> body, string? name = null, CancellationToken cancellationToken = default,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        return InvokeAsync(() => Task.FromResult(body()), name, cancellationToken, file, line);
    }

    /// <summary>
    /// Runs <paramref name="body"/>, which does not wait, as a coroutine on this loop's thread. From any thread; does not
    /// block. It runs also when the token is canceled.
    /// </summary>
    public Task InvokeAsync(
        Action body, string? name = null, CancellationToken cancellationToken = default,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        return InvokeAsync(
            () =>
            {
                body();
                return Task.FromResult(true);
            },
            name,
            cancellationToken,
            file,
            line);
    }

    /// <summary>
    /// Says that a thread outside may still call in, so that a loop in which everything waits is not deadlocked.
    /// Dispose it when that is over, once or more often. From any thread; does not block.
    /// </summary>
    /// <param name="why">Who may call in; for whoever reads the code.</param>
    public IDisposable HoldOpen(string why) => new Hold(this, why);

    /// <summary>
    /// Ends the loop: cancels every coroutine, the main one too, and waits until all have ended. From any thread. Again,
    /// it waits for the same end. The time is not limited: coroutines that clean up are waited for, and when that takes
    /// long, it is reported. In a coroutine of the loop itself the wait ends as that is canceled, with all the others.
    /// </summary>
    /// <param name="why">The words of the reason that the coroutines are canceled with.</param>
    /// <exception cref="DeadlockException">Coroutines did not end and nothing can wake them.</exception>
    public Task StopAsync(string why = "the event loop is stopped")
    {
        string by = Coroutine.Caller();
        Post(() => BeginStop(new CancelReason.Requested(by, why)));
        return CoroutineHere() is null ? _ended.Task : _ended.Task.WaitAsync(CancelScope.Current.Token);
    }

    /// <inheritdoc cref="StopAsync"/>
    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Throws when the calling thread is not running this loop.</summary>
    internal void CheckHere(object touched)
    {
        if (s_current != this)
        {
            throw WrongLoop(touched.ToString()!, this, s_current);
        }
    }

    /// <summary>The coroutine of this loop whose code runs on the calling thread, or null.</summary>
    internal Coroutine? CoroutineHere() =>
        SynchronizationContext.Current is CancelScope scope && scope.Loop == this ? scope.Owner : null;

    internal static WrongLoopException WrongLoop(string touched, EventLoop? owner, EventLoop? here)
    {
        string belongs = owner is null ? "belongs to no event loop yet" : $"belongs to {owner}";
        string from = here is null
            ? $"thread {Environment.CurrentManagedThreadId}{(Thread.CurrentThread.Name is { } name ? $" '{name}'" : "")}, which runs no event loop"
            : here.ToString();
        return new WrongLoopException($"{touched} {belongs}, but was touched from {from}. Enter its loop with EventLoop.InvokeAsync.");
    }

    internal static InvalidOperationException NoCoroutine() => new(s_current is null
        ? $"No event loop runs on this thread ({Environment.CurrentManagedThreadId}). Enter one with EventLoop.Run or InvokeAsync."
        : $"No coroutine runs here, only {s_current}: an await with ConfigureAwait(false), or a timer's callback, has left it. "
            + "Leave ConfigureAwait(false) out, or start a coroutine with EventLoop.InvokeAsync.");

    /// <inheritdoc/>
    public override string ToString() => $"event loop '{Name}' (thread {_threadId})";

    private static InvalidOperationException NoLoop() => new(
        $"No event loop runs on this thread ({Environment.CurrentManagedThreadId}). Enter one with EventLoop.Run or InvokeAsync.");
}
