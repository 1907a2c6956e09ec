namespace Drover.Coroutines;

/// <summary>
/// A process that runs as long as a block of code: <see cref="RunAsync{T}(ProcessSpec, Func{Subprocess, Task{T}})"/>
/// starts it and gives it to the code, and leaves nothing of it behind.
/// </summary>
/// <remarks>
/// The process leads a process group, and signals go to the whole group: to the children that it starts too, unless
/// they make groups or sessions of their own. It belongs to the loop that started it. Only on Linux.
/// </remarks>
public sealed partial class Subprocess
{
    private readonly EventLoop _loop;
    private readonly ProcessSpec _spec;
    private readonly ProcessGroup _group;
    private readonly Ending _ending;
    private readonly ProcessInput? _input;
    private readonly ProcessOutput? _output;
    private readonly ProcessOutput? _error;

    private Subprocess(EventLoop loop, ProcessSpec spec, Launch.Started started)
    {
        _loop = loop;
        _spec = spec;
        _group = started.Group;
        _ending = new Ending(this);
        _input = Pipe(started, 0, "write input of") is { } input ? new ProcessInput(input) : null;
        _output = Pipe(started, 1, "read output of") is { } output ? new ProcessOutput(output, spec.MaxLineLength) : null;
        _error = Pipe(started, 2, "read errors of") is { } error ? new ProcessOutput(error, spec.MaxLineLength) : null;
        loop.OutsideWaits++;
        LookForEnd();
    }

    /// <summary>The process's number, which is its group's too.</summary>
    public int Id => _group.Id;

    /// <summary>How it ended; null while it runs.</summary>
    public ProcessExit? Exit { get; private set; }

    /// <summary>What it used; null while it runs, or where the system does not tell.</summary>
    public ProcessUsage? Usage => Exit is null ? null : _group.Usage;

    /// <summary>Its standard input. Throws when <see cref="ProcessSpec.Input"/> is not a pipe.</summary>
    public ProcessInput Input => _input ?? throw NoPipe("input");

    /// <summary>Its standard output. Throws when <see cref="ProcessSpec.Output"/> is not a pipe.</summary>
    public ProcessOutput Output => _output ?? throw NoPipe("output");

    /// <summary>Its standard error stream. Throws when <see cref="ProcessSpec.Error"/> is not a pipe.</summary>
    public ProcessOutput Error => _error ?? throw NoPipe("error stream");

    /// <summary>
    /// Waits until the process has ended. Children that it left behind may still run, and what it wrote may still be
    /// in the pipes. A process whose output nobody reads does not end when it writes more than the pipe holds.
    /// </summary>
    /// <exception cref="ScopeCanceledException">The scope is canceled. The process goes on.</exception>
    public async ValueTask<ProcessExit> WaitAsync()
    {
        _loop.CheckHere(this);
        if (Exit is null)
        {
            await _ending.WaitAsync();
        }
        else
        {
            CancelScope.Current.ThrowIfCanceled();
        }

        return Exit!;
    }

    /// <summary>
    /// Sends a signal to every process of the group. Does not block. When the process has ended before, <see cref="Exit"/>
    /// says how from now on, also if that was not known yet: so the signal is not taken for the cause.
    /// </summary>
    /// <returns>False when there is none left.</returns>
    public bool Signal(UnixSignal signal)
    {
        _loop.CheckHere(this);
        _ = NoticeEnd();
        return !_isOver && _group.Signal(signal);
    }

    /// <summary>The program's name and the process's number.</summary>
    public override string ToString() => $"'{Path.GetFileName(_spec.FileName)}' (pid {Id})";

    private PipeEnd? Pipe(Launch.Started started, int number, string use) => started.Pipes[number] is { } file
        ? new PipeEnd(_loop, file, forWriting: number == 0, $"{use} {this}")
        : null;

    private InvalidOperationException NoPipe(string stream) =>
        new($"The {stream} of {this} is not a pipe: its {nameof(ProcessSpec)} says otherwise.");

    /// <summary>Sees whether the process has ended, and if not looks again when there is news of it. On the loop's thread.</summary>
    private void LookForEnd()
    {
        if (!NoticeEnd())
        {
            _group.Watch(_loop, LookForEnd);
        }
    }

    /// <summary>Whether the process has ended; the first time it is seen, whoever waits for it is told.</summary>
    private bool NoticeEnd()
    {
        if (Exit is not null || _group.TryGetExit() is not { } exit)
        {
            return Exit is not null;
        }

        Exit = exit;
        if (_isGivenUp)
        {
            Release();
        }
        else
        {
            _loop.OutsideWaits--;
            _ending.Come();
        }

        return true;
    }

    /// <summary>The end of the process, as something to wait for.</summary>
    private sealed class Ending : Closable
    {
        private readonly Subprocess _process;
        private readonly ParkingLot _waiters;

        internal Ending(Subprocess process)
            : base(process._loop, process.ToString())
        {
            _process = process;
            _waiters = new ParkingLot(this, "end of");
        }

        private protected override string Kind => "process";

        internal ValueTask WaitAsync() => EndWait.For(_waiters, EnterWait(), $"end of {_process}");

        internal void Come() => _waiters.CompleteAll();

        private protected override void CloseWaits(CancelReason.OwnerClosed reason) => _waiters.RefuseAll(reason);
    }

    /// <summary>A wait that shows the process as it is called everywhere else.</summary>
    private sealed class EndWait(string what) : ParkedWait
    {
        internal static ValueTask For(ParkingLot lot, CancelScope scope, string what)
        {
            if (scope.Origin is { } origin)
            {
                return Refused(lot, scope, null, origin).AsValueTask();
            }

            var wait = new EndWait(what);
            wait.Enter(lot, scope, null);
            return wait.AsValueTask();
        }

        internal override string DescribeKind() => what;

        private protected override void Recycle()
        {
        }
    }
}
