using System.Runtime.CompilerServices;

namespace Drover.Coroutines;

/// <content>What the loop does, turn by turn: take in what came from outside, fire timers, run what is ready, sleep.</content>
public sealed partial class EventLoop
{
    /// <summary>Ready entries between two looks at the clock and the inbox.</summary>
    private const int StepsPerTurn = 32;

    /// <summary>Waits of one step that may be over at once before the coroutine has to give others a turn.</summary>
    private const int WaitsPerStep = 256;

    /// <summary>Turns between two looks at the files while the loop has no time to sleep.</summary>
    private const int TurnsPerPoll = 8;

    private readonly ReadyQueue _ready = new();
    private readonly SeededOrder? _seeded;
    private readonly VirtualClock? _virtual;
    private readonly Inbox _inbox = new();
    private readonly Poller _poller = Poller.Create();
    private readonly long _started;
    private int _waitsLeft;
    private int _turnsToPoll = TurnsPerPoll;
    private bool _isStopping;
    private bool _isOver;
    private bool _saidSlow;
    private bool _saidStalled;
    private long _stoppingSince;
    private DeadlockException? _deadlock;

    /// <summary>The last reading of the clock: exact enough to say how long something waits.</summary>
    internal long Tick { get; private set; }

    internal TimerHeap Timers { get; } = new();

    internal Poller Poller => _poller;

    /// <summary>
    /// The moment <paramref name="span"/> from now. Reading the clock is a third of what a timer costs; so for spans from
    /// ten seconds on a reading serves that is at most <see cref="CoarseError"/> old, and the timer is that much late
    /// instead of early.
    /// </summary>
    internal long DeadlineAfter(TimeSpan span)
    {
        if (span.Ticks < CoarseFromTicks || _virtual is not null)
        {
            return Durations.After(Clock.Now, span);
        }

        long coarse = Environment.TickCount64;
        if (coarse != _coarse)
        {
            _coarse = coarse;
            _coarseNow = Clock.Now;
        }

        return Durations.After(_coarseNow + CoarseError, span);
    }

    /// <summary>The machine's coarse clock ticks every 1 to 16 ms.</summary>
    private const long CoarseError = 16_000_000;

    private const long CoarseFromTicks = 10 * TimeSpan.TicksPerSecond;
    private long _coarse;
    private long _coarseNow;

    /// <summary>Coroutines that have not ended.</summary>
    internal int Coroutines;

    /// <summary>Coroutines that are suspended by something outside.</summary>
    internal int OutsideCoroutines;

    /// <summary>
    /// Coroutines that are suspended by a task of their own making while waits of the loop are open. Nobody can say
    /// whether something outside has a part in it: so they are no deadlock, and no reason to stop virtual time.
    /// </summary>
    internal int CoroutinesBesideWaits;

    /// <summary>Waits that a thread or a file outside will end: calls of the executor, processes.</summary>
    internal int OutsideWaits;

    internal int ReadyCount => _seeded is null ? _ready.Count : _seeded.Count;

    internal ulong TraceHash => _seeded?.TraceHash ?? 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Enqueue(CancelScope? scope, Delegate callback, object? state)
    {
        if (_seeded is null)
        {
            _ready.Enqueue(scope, callback, state);
        }
        else
        {
            _seeded.Enqueue(new ReadyEntry(scope, callback, state));
        }
    }

    internal void EnqueueFromOutside(in ReadyEntry entry)
    {
        if (_inbox.Add(entry))
        {
            _poller.Wake();
        }

        if (Volatile.Read(ref _isOver))
        {
            RefuseInbox();
        }
    }

    /// <summary>Whether a wait that is over already may return at once; sometimes not, lest one coroutine keep the loop.</summary>
    internal bool MayGoOn() => --_waitsLeft > 0;

    /// <summary>Runs foreign code on the loop's thread where no coroutine is: its exceptions are reported, not thrown.</summary>
    internal void CallOutsideCoroutine(Action<object> call, object state)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            call(state);
        }
        catch (Exception e)
        {
            Report(new LoopReport.CallbackFailed(Name, e));
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    internal void Guard(Action call)
    {
        try
        {
            call();
        }
        catch (Exception e)
        {
            Report(new LoopReport.CallbackFailed(Name, e));
        }
    }

    /// <summary>Whether Run throws the coroutine's failure: then nobody else reports it. A deadlock takes its place there.</summary>
    internal bool IsThrownByRun(Coroutine coroutine) => coroutine == _main && _deadlock is null;

    internal void Ended(Coroutine coroutine)
    {
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

    private void RunUntilOver()
    {
        while (true)
        {
            bool ran = Turn();
            if (_isStopping && Coroutines == 0)
            {
                return;
            }

            if (!ran && !Idle())
            {
                return;
            }
        }
    }

    /// <summary>One turn; false when nothing was ready.</summary>
    private bool Turn()
    {
        if (--_turnsToPoll <= 0 && _poller.HasFiles)
        {
            PollFiles();
        }

        while (_inbox.TryTake(out ReadyEntry entry))
        {
            if (entry.Scope is null)
            {
                Run(entry);
            }
            else
            {
                Enqueue(entry.Scope, entry.Callback, entry.State);
            }
        }

        FireTimers();
        if (ReadyCount == 0)
        {
            return false;
        }

        if (Instruments.IsMeasuring)
        {
            for (int left = StepsPerTurn; left > 0 && ReadyCount > 0; left--)
            {
                long begun = MachineClock.Instance.Now;
                RunNext();
                Instruments.Step(this, MachineClock.Instance.Now - begun);
            }
        }
        else
        {
            for (int left = StepsPerTurn; left > 0 && ReadyCount > 0; left--)
            {
                RunNext();
            }
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RunNext()
    {
        if (_seeded is null)
        {
            ref ReadyEntry entry = ref _ready.Dequeue();
            Run(entry);
            entry = default;
        }
        else
        {
            ReadyEntry entry = _seeded.Dequeue();
            _runningSeeded = entry.Scope;
            Run(entry);
            _runningSeeded = null;
        }
    }

    /// <summary>A loop that never sleeps would otherwise not see that a file is ready.</summary>
    private void PollFiles()
    {
        _turnsToPoll = TurnsPerPoll;
        SynchronizationContext.SetSynchronizationContext(null);
        _poller.Poll();
    }

    private void FireTimers()
    {
        Tick = Clock.Now;
        while (Timers.Earliest <= Tick)
        {
            Timers.RemoveEarliest().Fire();
        }
    }

    private void Run(in ReadyEntry entry)
    {
        _waitsLeft = WaitsPerStep;
        CancelScope? scope = entry.Scope;
        _steps++;
        if (scope is null)
        {
            SynchronizationContext.SetSynchronizationContext(null);
            Invoke(entry);
            return;
        }

        Coroutine coroutine = scope.Owner!;
        if (coroutine.IsOutside)
        {
            coroutine.ComeBack();
        }

        SynchronizationContext.SetSynchronizationContext(scope);
        try
        {
            entry.Invoke();
        }
        catch (Exception e)
        {
            coroutine.Escaped(e);
        }

        coroutine.AfterStep();
        _seeded?.Trace(coroutine.Id ^ (Tick << 20));
    }

    private void Invoke(in ReadyEntry entry)
    {
        try
        {
            entry.Invoke();
        }
        catch (Exception e)
        {
            Report(new LoopReport.CallbackFailed(Name, e));
        }
    }

    /// <summary>Nothing is ready: sleeps until something is. False when the loop is over because nothing ever will be.</summary>
    private bool Idle()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        bool outside = OutsideCoroutines > 0 || OutsideWaits > 0;
        if (Timers.Count == 0 && !outside && CoroutinesBesideWaits == 0 && Volatile.Read(ref _holds) == 0 && _inbox.IsEmpty)
        {
            return TryEndDeadlock("nothing can wake it again");
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
        long stalled = outside || CoroutinesBesideWaits > 0 ? Durations.After(MachineClock.Instance.Now, _options.StalledAfter) : Durations.Never;
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
            if (entry.Scope is null)
            {
                Invoke(entry);
            }
        }
    }
}
