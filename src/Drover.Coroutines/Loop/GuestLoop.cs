namespace Drover.Coroutines;

/// <summary>
/// An event loop that is a guest in a host's loop: a user interface's thread, a game's. The host gives a way to queue
/// work on its thread; coroutines then run there, a turn at a time, between the host's own work.
/// </summary>
/// <remarks>The waiting is done on a thread of the guest's own, as in Trio's guest mode; all code runs on the host's.</remarks>
public sealed class GuestLoop
{
    private readonly EventLoop _loop;
    private readonly Action<Action> _post;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _mayWait = new(0);
    private bool _turnIsDue;
    private bool _isInTurn;

    /// <summary>Whether the other thread has work to wait for, or has waited and this one has not seen it yet.</summary>
    private bool _isWaiting;
    private long _waitUntil;
    private volatile bool _isOver;

    private GuestLoop(EventLoop loop, Action<Action> post)
    {
        _loop = loop;
        _post = post;
    }

    /// <summary>The loop: <see cref="EventLoop.InvokeAsync(Func{Task}, string?, CancellationToken, string, int)"/> enters it from any thread.</summary>
    public EventLoop Loop => _loop;

    /// <summary>
    /// Begins a loop in the host's. Call it on the host's thread; it returns at once. The loop runs until
    /// <see cref="EventLoop.StopAsync"/>.
    /// </summary>
    /// <param name="post">Queues an action on the host's thread. Called from any thread; must not block.</param>
    /// <param name="options">How the loop runs; by default as <see cref="EventLoopOptions"/> says.</param>
    /// <exception cref="ArgumentException">The options ask for virtual time, which is for loops of their own.</exception>
    public static GuestLoop Start(Action<Action> post, EventLoopOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(post);
        if (options?.VirtualTimeFrom is not null)
        {
            throw new ArgumentException("A guest has the host's time: virtual time needs a loop of its own.", nameof(options));
        }

        var guest = new GuestLoop(EventLoop.CreateGuest(options), post);
        new Thread(guest.WaitForWork) { IsBackground = true, Name = $"{guest._loop.Name}-wait" }.Start();
        guest.Enter(static () => { });
        return guest;
    }

    /// <summary>
    /// Runs <paramref name="action"/> on the host's thread as code of the loop: in a host's event handler, to touch what
    /// the loop owns. Does not wait. It is no coroutine: it may set, send and close, but not begin a wait. What it throws
    /// is thrown.
    /// </summary>
    /// <exception cref="WrongLoopException">The calling thread is not the host's.</exception>
    public void Enter(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        _loop.EnterGuest(action);
        Go();
    }

    /// <summary>Completes when the loop has ended. Does not end it: that is <see cref="EventLoop.StopAsync"/>.</summary>
    public Task WhenEnded() => _ended.Task;

    /// <summary>
    /// On the host's thread: one turn, then the host's own work, then the next; or the other thread waits. Inside a turn
    /// (a coroutine that enters, or pumps the host's messages) it does nothing: that turn's end looks again.
    /// </summary>
    private void Go()
    {
        if (_turnIsDue || _isInTurn || _ended.Task.IsCompleted)
        {
            return;
        }

        _isInTurn = true;
        GuestState state = _loop.GuestTurn();
        _isInTurn = false;
        switch (state)
        {
            case GuestState.Ready:
                _turnIsDue = true;
                _post(() =>
                {
                    _turnIsDue = false;
                    Go();
                });
                break;
            case GuestState.Idle when _isWaiting:
                _loop.EndGuestWait(); // It may sleep until a timer that is no longer the next.
                break;
            case GuestState.Idle:
                _isWaiting = true;
                _waitUntil = _loop.Timers.Earliest;
                _mayWait.Release();
                break;
            case GuestState.Over:
                _isOver = true;
                _loop.EndGuestWait();
                _mayWait.Release();
                _ended.TrySetResult();
                break;
        }
    }

    /// <summary>The guest's own thread. It touches nothing of the loop but the poller and the inbox.</summary>
    private void WaitForWork()
    {
        while (true)
        {
            _mayWait.Wait();
            if (!_isOver)
            {
                _loop.GuestWait(_waitUntil);
            }

            if (_isOver)
            {
                _loop.Poller.Dispose();
                return;
            }

            TellHost();
        }
    }

    /// <summary>The host may be gone: then nobody of its is left to tell, and this thread must not end the process for it.</summary>
    private void TellHost()
    {
        try
        {
            _post(() =>
            {
                _isWaiting = false;
                Go();
            });
        }
        catch (Exception e)
        {
            if (!_isOver)
            {
                _loop.Report(new LoopReport.CallbackFailed(_loop.Name, e));
            }
        }
    }
}

/// <summary>What a guest has to do after a turn.</summary>
internal enum GuestState
{
    /// <summary>More is ready.</summary>
    Ready,

    /// <summary>Nothing is ready: wait.</summary>
    Idle,

    /// <summary>It has ended.</summary>
    Over,
}
