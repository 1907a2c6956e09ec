using System.Diagnostics;

namespace Drover.Coroutines;

/// <content>What the loop reports.</content>
public sealed partial class EventLoop
{
    /// <summary>
    /// For how many milliseconds a lock may be contended without a report. The framework takes locks inside sockets,
    /// consoles and resources for microseconds, or until a busy machine lets the holder run again; its callers cannot
    /// avoid that, and it is no bug of theirs.
    /// </summary>
    private const int LockGrace = 10;

    /// <summary>So deep below the wait is the call that took the lock.</summary>
    private const int FramesOfLock = 4;

    private readonly HashSet<string> _reportedWaits = [];
    private CancelScope? _runningSeeded;
    private string? _blockingStack;
    private WaitNode? _lastWait;
    private long _lastWaitStep;
    private long _steps;
    private bool _isAsleep;

    /// <summary>How many steps have run: the watchdog compares.</summary>
    internal long Steps => Volatile.Read(ref _steps);

    /// <summary>Whether the loop has nothing to do at the moment.</summary>
    internal bool IsAsleep => Volatile.Read(ref _isAsleep);

    /// <summary>The wait whose end began the present step, as the watchdog tells it.</summary>
    internal void BeganStepWith(WaitNode wait)
    {
        _lastWait = wait;
        _lastWaitStep = _steps;
    }

    internal void Report(LoopReport report)
    {
        if (LoopEventSource.Log.IsEnabled())
        {
            LoopEventSource.Log.Reported(Name, report.ToString());
        }

        if (_options.OnReport is not { } handler)
        {
            Console.Error.WriteLine($"drover: {report}");
            return;
        }

        try
        {
            handler(report);
        }
        catch (Exception e)
        {
            // On whatever thread this is, a handler that fails must end neither the loop nor the process, nor hide the report.
            Console.Error.WriteLine($"drover: {report}\ndrover: the handler of this report failed: {e}");
        }
    }

    /// <summary>The coroutine whose step runs now, also in a callback inside it. Other threads may look.</summary>
    internal Coroutine? RunningCoroutine => (_seeded is null ? _ready.Running : _runningSeeded)?.Owner;

    /// <summary>From the watchdog's thread: what it reads here may be a moment old, which a report can bear.</summary>
    internal void ReportBlocked(TimeSpan elapsed)
    {
        Coroutine? coroutine = RunningCoroutine;
        Report(new LoopReport.Blocked(
            Name,
            coroutine?.Name ?? "a callback",
            coroutine?.StartedAt ?? "unknown",
            LastWait(),
            elapsed,
            Volatile.Read(ref _blockingStack)));
    }

    /// <summary>The thread is about to block. It still blocks as asked, unless the report throws.</summary>
    internal int ReportBlockingWait(CancelScope scope, Func<int, int> wait, int milliseconds)
    {
        int now = wait(0);
        if (now != WaitHandle.WaitTimeout || milliseconds == 0)
        {
            return now; // Nobody had to wait.
        }

        if (IsWaitForLock(new StackTrace(2)))
        {
            int grace = milliseconds == Timeout.Infinite ? LockGrace : Math.Min(milliseconds, LockGrace);
            int result = wait(grace);
            if (result != WaitHandle.WaitTimeout || grace == milliseconds)
            {
                return result;
            }

            milliseconds -= milliseconds == Timeout.Infinite ? 0 : grace;
        }

        string text = new StackTrace(2, fNeedFileInfo: true).ToString();
        if (_reportedWaits.Add(text))
        {
            Report(new LoopReport.BlockingWait(Name, scope.Owner?.Name ?? "a callback", text));
        }

        Volatile.Write(ref _blockingStack, text);
        try
        {
            return wait(milliseconds);
        }
        finally
        {
            Volatile.Write(ref _blockingStack, null);
        }
    }

    private static bool IsWaitForLock(StackTrace stack)
    {
        for (int i = 0; i < Math.Min(stack.FrameCount, FramesOfLock); i++)
        {
            if (DiagnosticMethodInfo.Create(stack.GetFrame(i)!) is { DeclaringTypeName: { } type, Name: { } method }
                && (type == "System.Threading.Lock"
                    || (type == "System.Threading.Monitor" && method.Contains("Enter", StringComparison.Ordinal))))
            {
                return true;
            }
        }

        return false;
    }

    private string? LastWait() => _lastWaitStep == _steps ? _lastWait?.DescribeKind() : null;
}
