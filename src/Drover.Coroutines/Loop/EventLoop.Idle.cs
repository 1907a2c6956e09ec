namespace Drover.Coroutines;

/// <content>What the loop does when nothing is ready.</content>
public sealed partial class EventLoop
{
    private bool _saidStalled;

    /// <summary>Nothing can wake the loop, unless something outside has a part in what some coroutine awaits.</summary>
    private bool _isInDoubt;

    /// <summary>Nothing is ready: sleeps until something is. False when the loop is over because nothing ever will be.</summary>
    private bool Idle()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        bool outside = OutsideCoroutines > 0 || OutsideWaits > 0;
        if (Timers.Count == 0 && !outside && Volatile.Read(ref _holds) == 0 && _inbox.IsEmpty)
        {
            _isInDoubt = CoroutinesBesideWaits > 0 || !AllCertainlyWait();
            if (!_isInDoubt)
            {
                return TryEndDeadlock("nothing can wake it again");
            }
        }

        if (_virtual is not null)
        {
            return IdleInVirtualTime(outside);
        }

        long untilTimer = Timers.Count == 0 ? Durations.Never : Math.Max(0, Timers.Earliest - Clock.Now);
        if (_isStopping)
        {
            SleepWhileStopping(untilTimer);
        }
        else if (Timers.Count == 0 && !outside && Volatile.Read(ref _holds) == 0)
        {
            SleepInDoubt();
        }
        else
        {
            Sleep(untilTimer);
        }

        return true;
    }

    private bool AllCertainlyWait()
    {
        foreach (CancelScope scope in Root.WithAllInside())
        {
            if (scope is Coroutine coroutine && !coroutine.CertainlyWaits())
            {
                return false;
            }
        }

        return true;
    }

    private bool IdleInVirtualTime(bool outside)
    {
        if (!outside && Timers.Count > 0)
        {
            if (_inbox.IsEmpty)
            {
                _virtual!.JumpTo(Timers.Earliest);
            }

            return true;
        }

        // Something outside is awaited, and nobody can say whether it will ever come: so it is given a time.
        long stalled = outside || _isInDoubt ? Durations.After(MachineClock.Instance.Now, _options.StalledAfter) : Durations.Never;
        while (_inbox.IsEmpty && ReadyCount == 0 && outside == (OutsideCoroutines > 0 || OutsideWaits > 0))
        {
            long left = stalled == Durations.Never ? Durations.Never : stalled - MachineClock.Instance.Now;
            if (left <= 0)
            {
                return TryEndDeadlock($"nothing came from outside for {Durations.Show(_options.StalledAfter)}");
            }

            Sleep(left);
        }

        return true;
    }

    /// <summary>It may be a deadlock: waits on, but says so.</summary>
    private void SleepInDoubt()
    {
        long patience = Durations.After(0, _options.StalledAfter);
        long begun = Clock.Now;
        Sleep(_saidStalled ? Durations.Never : patience);
        if (!_saidStalled && _inbox.IsEmpty && ReadyCount == 0 && Clock.Now - begun >= patience)
        {
            _saidStalled = true;
            Report(new LoopReport.Stalled(Name, Dump()));
        }
    }

    private void Sleep(long nanoseconds)
    {
        if (nanoseconds > 0 && _inbox.TryBeginSleep())
        {
            Volatile.Write(ref _isAsleep, true);
            _poller.Wait(nanoseconds);
            Volatile.Write(ref _isAsleep, false);
            _inbox.EndSleep();
        }
    }
}
