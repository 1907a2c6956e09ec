namespace Drover.Coroutines;

/// <content>From the start to the end.</content>
public sealed partial class Subprocess
{
    /// <summary>How long a killed process may take to end: longer than the kernel needs unless a file system hangs.</summary>
    private static readonly TimeSpan s_killedEndsWithin = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_longestTimer = TimeSpan.FromDays(49);
    private bool _isOver;
    private bool _isGivenUp;

    /// <summary>
    /// Starts a process, runs <paramref name="body"/> with it, and stops what still runs of its group when the body is
    /// left, however it is left: as <see cref="StopAsync"/> does, with <see cref="ProcessSpec.StopGrace"/>, also in a
    /// canceled scope. When this returns or throws, no process of the group is left. Starting does not block the loop;
    /// a start that has begun is waited for also when the scope is canceled, however long the file system takes.
    /// </summary>
    /// <exception cref="ArgumentException">The specification contradicts itself; nothing was started.</exception>
    /// <exception cref="ProcessStartException">It could not be started; the body did not run.</exception>
    /// <exception cref="ScopeCanceledException">The scope is canceled.</exception>
    /// <exception cref="ProcessStuckException">It did not end although it was killed.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static async Task<T> RunAsync<T>(ProcessSpec spec, Func<Subprocess, Task<T>> body)
    {
        Subprocess process = await StartAsync(spec);
        T result;
        try
        {
            CancelScope.Current.ThrowIfCanceled(); // It was started all the same if that had begun.
            result = await body(process);
        }
        catch (Exception e)
        {
            await process.LeaveAsync(e);
            throw;
        }

        await process.LeaveAsync(cause: null);
        return result;
    }

    /// <inheritdoc cref="RunAsync{T}(ProcessSpec, Func{Subprocess, Task{T}})"/>
    public static Task RunAsync(ProcessSpec spec, Func<Subprocess, Task> body) => RunAsync(
        spec,
        async process =>
        {
            await body(process);
            return true;
        });

    /// <summary>
    /// Ends the process and its group: SIGTERM to all of it, then SIGKILL to what is left after <paramref name="grace"/>.
    /// Waits until no process of the group is left. Children that outlive the process have the rest of the grace.
    /// Again, or after the end, it does what is still to do.
    /// </summary>
    /// <param name="grace">In the machine's time; by default <see cref="ProcessSpec.StopGrace"/>. Zero kills at once.</param>
    /// <exception cref="ScopeCanceledException">The scope is canceled; leaving the process's scope stops it then.</exception>
    public async ValueTask<ProcessExit> StopAsync(TimeSpan? grace = null)
    {
        if (_isOver)
        {
            return await WaitAsync(); // The group's number may be another's by now: no more signals.
        }

        TimeSpan patience = grace ?? _spec.StopGrace;
        long killAt = Durations.After(MachineClock.Instance.Now, patience);
        if (patience == TimeSpan.Zero)
        {
            Signal(UnixSignal.SIGKILL);
        }
        else
        {
            Signal(UnixSignal.SIGTERM);
            Signal(UnixSignal.SIGCONT); // A stopped process would see the SIGTERM only when it goes on.
        }

        using ITimer? kill = Exit is null ? KillAt(killAt, patience) : null;
        ProcessExit exit = await WaitAsync();
        _group.Release();
        await RestAsync(killAt);
        _isOver = true;
        return exit;
    }

    private static async Task<Subprocess> StartAsync(ProcessSpec spec)
    {
        EventLoop loop = CancelScope.Current.Loop;
        return new Subprocess(loop, spec, await LaunchAsync(spec, endsWithUs: true));
    }

    private static async Task<Launch.Started> LaunchAsync(ProcessSpec spec, bool endsWithUs)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Subprocess needs Linux: process groups and exit notices are the kernel's.");
        }

        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Fault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(spec));
        }

        return await Blocking.RunAsync(
            () => Launch.Start(spec, endsWithUs), WhenCanceled.Wait, Launch.Threads, $"start '{spec.FileName}'");
    }

    /// <summary>
    /// In the machine's time even where the loop's is virtual: a process lives in the machine's. The machine's timers may
    /// come a few milliseconds early; the process has its grace to the end.
    /// </summary>
    private ITimer? KillAt(long moment, TimeSpan grace)
    {
        if (grace == Timeout.InfiniteTimeSpan || grace > s_longestTimer)
        {
            return null;
        }

        ITimer timer = null!;
        timer = TimeProvider.System.CreateTimer(_ => _loop.Post(KillOrWaitOn), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(grace, Timeout.InfiniteTimeSpan);
        return timer;

        void KillOrWaitOn()
        {
            if (MachineClock.Instance.Now < moment)
            {
                timer.Change(TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            }
            else if (!_isOver)
            {
                _group.Signal(UnixSignal.SIGKILL);
            }
        }
    }

    /// <summary>
    /// Waits for the children that outlive the leader. They are not ours, so nobody tells of their end: we look, which
    /// costs nothing when there are none, as nearly always.
    /// </summary>
    private async Task RestAsync(long killAt)
    {
        TimeSpan pause = TimeSpan.FromMilliseconds(1);
        while (!_isOver && !_group.IsEmpty && await Blocking.RunAsync(
            () => GroupMembers.AnyLives(Id), WhenCanceled.Wait, Launch.Threads, $"look for children of {this}"))
        {
            long left = killAt - MachineClock.Instance.Now;
            if (left <= 0 && !_isOver)
            {
                _group.Signal(UnixSignal.SIGKILL);
            }

            await Task.Delay(pause, TimeProvider.System);
            pause = TimeSpan.FromMilliseconds(Math.Min(50, 2 * pause.TotalMilliseconds));
        }
    }

    private async Task LeaveAsync(Exception? cause)
    {
        var why = new CancelReason.OwnerClosed(ToString(), "its scope was left");
        _input?.Close(why);
        _output?.Discard(why);
        _error?.Discard(why);
        if (IsAllGone())
        {
            Close(why);
            return;
        }

        TimeSpan limit = _spec.StopGrace == Timeout.InfiniteTimeSpan ? _spec.StopGrace : _spec.StopGrace + s_killedEndsWithin;
        Outcome<ProcessExit> stopped = await CancelScope.ShieldAsync(limit, async () => await StopAsync(), $"stop {this}");
        if (stopped.IsCanceled)
        {
            _output?.Close(why);
            _error?.Close(why);
            GiveUp();
            throw new ProcessStuckException(
                $"{this} or a child of it was killed and has not ended after {Durations.Show(s_killedEndsWithin)}: "
                    + "the kernel holds it, often for a file system that does not answer.",
                cause);
        }

        Close(why);
        _ = stopped.Value; // Throws what stopping failed with.
    }

    /// <summary>Whether the process has ended and left nobody behind, as nearly always: then there is nothing to stop.</summary>
    private bool IsAllGone()
    {
        if (Exit is null)
        {
            return false;
        }

        _group.Release();
        return _group.IsEmpty;
    }

    private void Close(CancelReason.OwnerClosed why)
    {
        _output?.Close(why);
        _error?.Close(why);
        Release();
    }

    /// <summary>Lets go of a process that does not end; it is reaped if it ever does while the loop runs.</summary>
    private void GiveUp()
    {
        _isGivenUp = true;
        if (Exit is null)
        {
            _loop.OutsideWaits--;
        }
        else
        {
            Release();
        }
    }

    private void Release()
    {
        _isOver = true;
        _group.Release();
        _group.Close(_loop);
    }
}
