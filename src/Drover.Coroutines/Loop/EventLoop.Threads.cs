namespace Drover.Coroutines;

/// <content>The threads that a loop runs on, and the ways in from others.</content>
public sealed partial class EventLoop
{
    /// <summary>What a thread has that nobody has set anything on: children need not carry it along.</summary>
    internal static readonly ExecutionContext EmptyContext = CaptureEmptyContext();

    private IDisposable? _openUntilStop;
    private int _holds;

    internal static Testing.ScheduleRun RunTraced(Func<Task> main, EventLoopOptions options)
    {
        using var loop = new LoopOnThisThread(options);
        loop.Run(main, "", 0).GetAwaiter().GetResult();
        return loop.Trace();
    }

    /// <summary>Runs <paramref name="action"/> on the loop, outside of any coroutine, as soon as it comes to it. From any thread.</summary>
    internal void Post(Action action) => EnqueueFromOutside(new ReadyEntry(null, s_call, action));

    private static readonly Action<object?> s_call = static action => ((Action)action!)();

    private static ExecutionContext CaptureEmptyContext()
    {
        ExecutionContext? empty = null;
        var thread = new Thread(() => empty = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        return empty!;
    }

    private void RunOwnThread()
    {
        try
        {
            Attach();
            RunUntilOver();
        }
        catch (Exception e)
        {
            // Coroutines' exceptions never come here: this is a fault of the loop, and nothing of it would ever run again.
            Environment.FailFast($"{this} died.\n{Dump()}", e);
        }

        Detach();
        _poller.Dispose();
        EndTask();
    }

    private void Attach()
    {
        s_current = this;
        _threadId = Environment.CurrentManagedThreadId;
        Watchdog.Add(this);
        LoopEventSource.Log.LoopStarted(Name);
    }

    private void Detach()
    {
        Volatile.Write(ref _isOver, true);
        Watchdog.Remove(this);
        RefuseInbox();
        foreach (IInvocation abandoned in _invocations)
        {
            abandoned.Fail(_deadlock ?? new CoroutineException($"{this} has ended."));
        }

        LoopRegistry.Remove(this);
        LoopEventSource.Log.LoopEnded(Name);
        s_current = null;
    }

    /// <summary>A loop for the time of one call of Run.</summary>
    private sealed class LoopOnThisThread : IDisposable
    {
        private readonly EventLoop _loop;
        private readonly SynchronizationContext? _contextBefore;

        internal LoopOnThisThread(EventLoopOptions? options)
        {
            if (s_current is not null)
            {
                throw new InvalidOperationException($"{s_current} runs on this thread already: await the work instead.");
            }

            _loop = new EventLoop(options);
            _contextBefore = SynchronizationContext.Current;
            _loop.Attach();
        }

        public void Dispose()
        {
            _loop.Detach();
            _loop._poller.Dispose();
            _loop.EndTask(); // For those who wait in StopAsync.
            SynchronizationContext.SetSynchronizationContext(_contextBefore);
        }

        internal Testing.ScheduleRun Trace() => new(
            _loop.TraceHash,
            TimeSpan.FromTicks((_loop.Clock.Now - _loop._started) / Durations.NanosecondsPerTick),
            _loop.Steps,
            _loop._cameFromOutside);

        /// <summary>
        /// Runs the loop until all has ended and returns the task of the main coroutine. It is the one that
        /// <paramref name="main"/> returned, unless that threw at once.
        /// </summary>
        internal Task Run(Func<Task> main, string file, int line)
        {
            Coroutine coroutine = _loop._main = _loop.Root.Start(main, "main", file, line);
            ExecutionContext.Run(EmptyContext, static loop => ((EventLoop)loop!).RunUntilOver(), _loop); // Main took the caller's along.
            if (_loop._deadlock is { } deadlock)
            {
                throw deadlock;
            }

            return coroutine.EndedTask();
        }
    }

    internal void AddHold() => Interlocked.Increment(ref _holds);

    internal void RemoveHold() => Interlocked.Decrement(ref _holds);

    private sealed class Hold : IDisposable
    {
        private EventLoop? _loop;

        internal Hold(EventLoop loop, string why)
        {
            _loop = loop;
            Why = why;
            loop.AddHold();
        }

        internal string Why { get; }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _loop, null) is { } loop)
            {
                loop.RemoveHold();
                loop.Post(static () => { });
            }
        }
    }

    /// <summary>Those whose coroutines have not ended. A loop that ends without them must not leave their callers waiting.</summary>
    private readonly HashSet<IInvocation> _invocations = [];

    /// <summary>An invocation, whatever the type of its value.</summary>
    private interface IInvocation
    {
        void Fail(Exception why);
    }

    /// <summary>A call from outside: becomes a coroutine of the root group, and its end the end of a task.</summary>
    private sealed class Invocation<T>(
        EventLoop loop, Func<Task<T>> body, string name, CancellationToken cancellation, string file, int line)
        : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously), IInvocation
    {
        internal static readonly Action<object?> Begin = static state => ((Invocation<T>)state!).BeginWithContext();
        private readonly ExecutionContext _context = ExecutionContext.Capture() ?? EmptyContext;

        private void BeginWithContext() => ExecutionContext.Run(_context, static call => ((Invocation<T>)call!).Start(), this);

        private void Start()
        {
            if (Volatile.Read(ref loop._isOver))
            {
                SetException(new CoroutineException($"{loop} has ended: '{name}' did not run."));
                return;
            }

            loop._invocations.Add(this);
            loop.Root.Start(RunAsync, name, file, line);
        }

        void IInvocation.Fail(Exception why) => TrySetException(why);

        private async Task RunAsync()
        {
            Task<T> call = CallAsync();
            await ((Task)call).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            loop._invocations.Remove(this);
            SetFromTask(call); // With its stack, and a cancellation as one.
        }

        private async Task<T> CallAsync()
        {
            using IDisposable? hold = cancellation.CanBeCanceled ? loop.HoldOpen("its token may be canceled") : null;
            using var registration = cancellation.UnsafeRegister(
                static s => ((CancelScope)s!).Cancel("the token of InvokeAsync was canceled"), CancelScope.Current);
            return await body();
        }
    }
}
