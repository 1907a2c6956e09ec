namespace Drover.Coroutines;

/// <content>Running a turn at a time on a thread that is somebody else's.</content>
public sealed partial class EventLoop
{
    internal static EventLoop CreateGuest(EventLoopOptions? options)
    {
        var loop = new EventLoop(options);
        loop._openUntilStop = loop.HoldOpen("until StopAsync");
        loop._threadId = Environment.CurrentManagedThreadId;
        Watchdog.Add(loop);
        LoopEventSource.Log.LoopStarted(loop.Name);
        loop._isAsleep = true;
        return loop;
    }

    /// <summary>Runs <paramref name="action"/> as the loop's code, and ends a wait of the other thread if it made something ready.</summary>
    internal void EnterGuest(Action action)
    {
        if (Environment.CurrentManagedThreadId != _threadId)
        {
            throw WrongLoop("a guest loop", this, s_current);
        }

        try
        {
            AsGuest(() =>
            {
                action();
                return true;
            });
        }
        finally
        {
            _poller.Wake();
        }
    }

    internal GuestState GuestTurn() => AsGuest(() =>
    {
        SynchronizationContext.SetSynchronizationContext(null);
        _poller.PollFiles(); // The thread that sleeps for a guest leaves the files to this one.
        Turn();
        bool isOver = _isStopping && Coroutines == 0;
        if (!isOver && ReadyCount == 0 && _isStopping && Timers.Count == 0 && OutsideCoroutines + CoroutinesBesideWaits + OutsideWaits == 0 && AllCertainlyWait())
        {
            isOver = !TryEndDeadlock("nothing can wake it again");
        }

        if (isOver)
        {
            EndGuest();
            return GuestState.Over;
        }

        return ReadyCount > 0 ? GuestState.Ready : GuestState.Idle;
    });

    /// <summary>On the guest's own thread: blocks until there is work. Files that become ready are delivered on the host's.</summary>
    internal void GuestWait(long until)
    {
        if (_inbox.TryBeginSleep())
        {
            _poller.WaitOnly(until == Durations.Never ? Durations.Never : Math.Max(0, until - Clock.Now));
            _inbox.EndSleep();
        }
    }

    /// <summary>Ends the present or the next wait of the other thread.</summary>
    internal void EndGuestWait() => _poller.Wake();

    private T AsGuest<T>(Func<T> run)
    {
        SynchronizationContext? contextBefore = SynchronizationContext.Current;
        EventLoop? loopBefore = s_current;
        s_current = this;
        bool wasAsleep = _isAsleep;
        Volatile.Write(ref _isAsleep, false);
        try
        {
            return run();
        }
        finally
        {
            s_current = loopBefore;
            Volatile.Write(ref _isAsleep, wasAsleep);
            SynchronizationContext.SetSynchronizationContext(contextBefore);
        }
    }

    private void EndGuest()
    {
        Detach();
        EndTask();
    }

    private void EndTask()
    {
        if (_deadlock is null)
        {
            _ended.SetResult();
        }
        else
        {
            _ended.SetException(_deadlock);
            _ = _ended.Task.Exception; // Observed: Run has thrown it, or it was reported.
        }
    }
}
