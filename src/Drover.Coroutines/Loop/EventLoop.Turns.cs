using System.Runtime.CompilerServices;

namespace Drover.Coroutines;

/// <content>What the loop does, turn by turn: take in what came from outside, fire timers, run what is ready.</content>
public sealed partial class EventLoop
{
    /// <summary>Ready entries between two looks at the clock and the inbox.</summary>
    private const int StepsPerTurn = 32;

    /// <summary>Waits of one step that may be over at once before the coroutine has to give others a turn.</summary>
    private const int WaitsPerStep = 256;

    /// <summary>What is taken from the inbox before the loop does its own work again, however fast others fill it.</summary>
    private const int TakenPerTurn = 1024;

    /// <summary>Turns between two looks at the files while the loop has no time to sleep.</summary>
    private const int TurnsPerPoll = 8;

    private readonly ReadyQueue _ready = new();
    private readonly SeededOrder? _seeded;
    private readonly VirtualClock? _virtual;
    private readonly Inbox _inbox = new();
    private readonly Poller _poller = Poller.Create();
    private readonly long _started;
    private long _cameFromOutside;
    private int _waitsLeft;
    private int _turnsToPoll = TurnsPerPoll;

    /// <summary>The last reading of the clock: exact enough to say how long something waits.</summary>
    internal long Tick { get; private set; }

    internal TimerHeap Timers { get; } = new();

    internal Poller Poller => _poller;

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
        if (_poller.HasFiles && --_turnsToPoll <= 0)
        {
            PollFiles();
        }

        for (int left = TakenPerTurn; left > 0 && _inbox.TryTake(out ReadyEntry entry); left--)
        {
            _cameFromOutside++;
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
            _options.AfterStep?.Invoke();
        }
    }

    /// <summary>A loop that never sleeps would otherwise not see that a file is ready.</summary>
    private void PollFiles()
    {
        _turnsToPoll = TurnsPerPoll;
        SynchronizationContext.SetSynchronizationContext(null);
        _poller.PollFiles();
    }

    private void FireTimers()
    {
        Tick = Clock.Now;
        while (Timers.Count > 0 && Timers.Earliest <= Tick)
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
}
