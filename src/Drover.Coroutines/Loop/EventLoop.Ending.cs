namespace Drover.Coroutines;

/// <content>How a loop ends: its main coroutine has, somebody stops it, or nothing can wake it again.</content>
public sealed partial class EventLoop
{
    private bool _isStopping;
    private bool _isOver;
    private bool _saidSlow;
    private long _stoppingSince;
    private DeadlockException? _deadlock;

    /// <summary>Whether it has ended: nothing of it will run again. From any thread.</summary>
    internal bool IsOver => Volatile.Read(ref _isOver);

    /// <summary>Whether Run throws the coroutine's failure: then nobody else reports it. A deadlock takes its place there.</summary>
    internal bool IsThrownByRun(Coroutine coroutine) => coroutine == _main && _deadlock is null;

    internal void Ended(Coroutine coroutine)
    {
        if (LoopEventSource.Log.IsEnabled())
        {
            LoopEventSource.Log.CoroutineEnded(Name, coroutine.Id, coroutine.Name);
        }

        if (coroutine == _main)
        {
            BeginStop(new CancelReason.Requested(Name, "the main coroutine has ended"));
        }
    }

    private void BeginStop(CancelReason reason)
    {
        if (!_isStopping)
        {
            _isStopping = true;
            _stoppingSince = Clock.Now;
        }

        _openUntilStop?.Dispose();
        Root.CancelHere(reason);
    }

    /// <summary>Ends what is left when the loop is to end; says so when that takes long.</summary>
    private void SleepWhileStopping(long untilTimer)
    {
        long patience = Durations.After(0, _options.StalledAfter);
        Sleep(Math.Min(untilTimer, patience));
        if (!_saidSlow && _inbox.IsEmpty && ReadyCount == 0 && Clock.Now - _stoppingSince >= patience)
        {
            _saidSlow = true;
            Report(new LoopReport.SlowToEnd(Name, Dump()));
        }
    }

    /// <summary>
    /// A deadlock ends in two steps: everything is canceled once, so that clean-up runs; what still cannot be woken
    /// then is abandoned. True when there is something to run.
    /// </summary>
    private bool TryEndDeadlock(string why)
    {
        if (_deadlock is null)
        {
            _deadlock = new DeadlockException($"{this} is deadlocked: {why}.", Dump());
            BeginStop(new CancelReason.Requested(Name, "deadlock"));
            if (ReadyCount > 0)
            {
                return true;
            }
        }

        if (Coroutines > 0 && ReadyCount == 0)
        {
            Report(new LoopReport.Abandoned(Name, Dump()));
        }

        return false;
    }

    private void RefuseInbox()
    {
        while (_inbox.TryTake(out ReadyEntry entry))
        {
            if (entry.State is IInvocation)
            {
                Invoke(entry); // It fails the call. What else was posted has nothing left to act on.
            }
        }
    }
}
