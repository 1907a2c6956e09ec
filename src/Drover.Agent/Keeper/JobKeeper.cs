using System.Runtime.InteropServices;
using Drover.Agent.Keeper.Messages;
using Drover.Agent.Keeper.Processes;
using Drover.Agent.Keeper.Records;

namespace Drover.Agent.Keeper;

/// <summary>
/// Keeps the attempts: starts them, stops them, knows what became of them, and tells the agent that is connected. Its
/// state belongs to the loop; <see cref="TryRecord"/> and what <see cref="Prepare"/> leaves to be called at the start run
/// on other threads.
/// </summary>
internal sealed class JobKeeper
{
    private readonly Dictionary<AttemptId, KeptAttempt> _attempts = [];
    private readonly Journal _journal;
    private readonly TaskGroup _lives;
    private readonly ProcessScans _scans = new();
    private readonly Event _isQuiet = new("no attempt runs");
    private IReadOnlyDictionary<string, string> _environment = new Dictionary<string, string>();
    private readonly Lazy<MemoryGroups?> _memoryGroups = new(MemoryGroups.Find);
    private readonly EventLoop _loop = EventLoop.Current;
    private LineConnection? _agent;
    private volatile int _running;

    /// <param name="folder">The keeper's files.</param>
    /// <param name="journal">Its records.</param>
    /// <param name="lives">The group that the attempts' coroutines are started in.</param>
    /// <param name="log">Takes what is to be said to people.</param>
    internal JobKeeper(KeeperFolder folder, Journal journal, TaskGroup lives, Action<string> log)
    {
        Folder = folder;
        _journal = journal;
        _lives = lives;
        Recorder = new Recorder(journal, log);
        Processes = new AttemptProcesses(folder.Runs);
        _isQuiet.Set();
    }

    internal KeeperFolder Folder { get; }

    internal AttemptProcesses Processes { get; }

    internal Recorder Recorder { get; }

    /// <summary>The machine's time: what the keeper does, it does in the machine's.</summary>
    internal static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>Whether no other attempt runs than the one that asks. From any thread.</summary>
    internal bool IsLast => _running <= 1;

    /// <summary>Set while no attempt runs.</summary>
    internal Event IsQuiet => _isQuiet;

    /// <summary>Whether an agent is connected.</summary>
    internal bool HasAgent => _agent is { IsClosed: false };

    /// <summary>How many attempts run.</summary>
    internal int Running => _running;

    /// <summary>Takes an attempt over from the journal; nobody is told.</summary>
    internal void Add(KeptAttempt attempt) => _attempts[attempt.Id] = attempt;

    /// <summary>Goes on with an attempt that a killed keeper has started.</summary>
    internal void Follow(KeptAttempt attempt)
    {
        attempt.MemoryGroup = attempt.MemoryBytes is not null && _memoryGroups.Value is { } place
            ? MemoryGroup.Of(place, Folder.Runs, attempt.Id)
            : null;
        Live(attempt, life => life.FollowAsync());
    }

    /// <summary>From now on this is the agent. It is told of every attempt, and then of what happens.</summary>
    internal void Welcome(LineConnection agent)
    {
        _agent?.Dispose();
        _agent = agent;
        Tell(new KeeperEvent.Hello(KeeperEvent.Hello.Spoken, DroverVersion.Text, Environment.ProcessId));
        foreach (KeptAttempt attempt in _attempts.Values)
        {
            Tell(new KeeperEvent.Known(attempt.Record));
        }

        Tell(new KeeperEvent.Ready());
    }

    /// <summary>Does what the agent wants. Does not block.</summary>
    internal void Obey(KeeperCommand command)
    {
        switch (command)
        {
            case KeeperCommand.Use use:
                _environment = use.Environment;
                break;
            case KeeperCommand.Start start:
                Start(start.Order);
                break;
            case KeeperCommand.Stop stop:
                Stop(stop.Attempt, stop.Order);
                break;
            case KeeperCommand.Forget forget:
                Forget(forget.Attempts);
                break;
        }
    }

    /// <summary>What is to be started for an attempt. Its intent is recorded just before, its process just after.</summary>
    internal ProcessSpec Prepare(KeptAttempt attempt, RunOrder order)
    {
        if (AttemptLaunch.Fault(order) is { } fault)
        {
            throw new LaunchException(LaunchFailure.Other, fault);
        }

        var intent = new JournalFact.Intended
        {
            Attempt = order.Attempt,
            RunDirectory = order.RunDirectory,
            TimeLimitSeconds = order.Spec.TimeLimitSeconds,
            GraceSeconds = order.Spec.GraceSeconds ?? order.GraceSeconds,
            MemoryBytes = order.Spec.MemoryBytes,
            TraceParent = order.TraceParent,
        };
        attempt.Apply(intent, BootClock.Boot);
        string runDirectory = Folder.Run(order.RunDirectory);
        return AttemptLaunch.Spec(order, runDirectory, _environment) with
        {
            BeforeStart = () => BeforeStart(attempt, intent, runDirectory),
            AfterStart = process => AfterStart(attempt, process),
        };
    }

    internal void HasStarted(KeptAttempt attempt) =>
        Tell(new KeeperEvent.Started(attempt.Id, attempt.Started!.ProcessId, attempt.Started.At));

    /// <summary>An attempt does not end although it was killed. Its record is told once more, which every agent understands.</summary>
    internal void IsStuck(KeptAttempt attempt, string trouble)
    {
        attempt.Trouble = trouble;
        Tell(new KeeperEvent.Known(attempt.Record));
    }

    /// <summary>Writes an ending to the journal, now. On a thread that may block. When it cannot, it is written later.</summary>
    internal void TryRecord(KeptAttempt attempt, AttemptEnd end)
    {
        try
        {
            _journal.Append(new JournalFact.Ended(attempt.Id, end));
        }
        catch (IOException)
        {
            AddLater(new JournalFact.Ended(attempt.Id, end));
        }
    }

    /// <summary>An attempt is over, which the journal knows.</summary>
    internal void HasEnded(KeptAttempt attempt, AttemptEnd end)
    {
        RemoveMain(attempt);
        attempt.Apply(new JournalFact.Ended(attempt.Id, end));
        Tell(new KeeperEvent.Ended(attempt.Id, end));
    }

    /// <summary>An attempt is over, which the journal is still to learn before the agent does.</summary>
    internal void Record(KeptAttempt attempt, AttemptEnd end)
    {
        RemoveMain(attempt);
        attempt.Apply(new JournalFact.Ended(attempt.Id, end));
        Recorder.Add(new JournalFact.Ended(attempt.Id, end), () => Tell(new KeeperEvent.Ended(attempt.Id, end)));
    }

    /// <summary>The processes of the attempt that live now.</summary>
    internal async Task<IReadOnlyList<ProcessEntry>> FindAsync(KeptAttempt attempt, bool isOwn)
    {
        ProcessTable table = await _scans.ReadAsync();
        bool isLast = IsLast;
        return await Blocking.RunAsync(
            () => Processes.Find(attempt, table, isOwn, isLast), situation: $"look for the processes of {attempt.Id}");
    }

    private void RemoveMain(KeptAttempt attempt)
    {
        if (attempt.Started is { } started)
        {
            Processes.RemoveMain(started.ProcessId, attempt.Id);
        }
    }

    private void Tell(KeeperEvent what) => _agent?.Post(what, KeeperJson.Default.KeeperEvent);

    private void Start(RunOrder order)
    {
        if (_attempts.TryGetValue(order.Attempt, out KeptAttempt? known))
        {
            if (known.Started is not null && known.End is null)
            {
                HasStarted(known);
            }
            else if (known.End is { } end)
            {
                Tell(new KeeperEvent.Ended(known.Id, end));
            }

            return;
        }

        var attempt = new KeptAttempt(order.Attempt);
        Add(attempt);
        Live(attempt, life => life.RunAsync(order));
    }

    private void Live(KeptAttempt attempt, Func<AttemptLife, Task> course)
    {
        _running++;
        _isQuiet.Reset();
        _lives.Start(
            async () =>
            {
                try
                {
                    await course(new AttemptLife(this, attempt));
                }
                finally
                {
                    _running--;
                    if (_running == 0)
                    {
                        _isQuiet.Set();
                    }
                }
            },
            attempt.Id.ToString());
    }

    private void Stop(AttemptId id, StopOrder order)
    {
        if (!_attempts.TryGetValue(id, out KeptAttempt? attempt))
        {
            attempt = new KeptAttempt(id);
            Add(attempt);
            Record(attempt, new AttemptEnd
            {
                Ending = new Ending.Canceled(order.By, order.Why),
                At = Now,
                Evidence = "the order to stop it came before the order to start it",
            });
            return; // That it has ended is told once it is recorded, and answers the order.
        }

        if (attempt.End is null)
        {
            var fact = new JournalFact.StopOrdered(id, order);
            attempt.Apply(fact);
            attempt.Wait?.Cancel("it is to stop");
            Recorder.Add(fact, () => Tell(new KeeperEvent.Stopping(id)));
        }
        else
        {
            Tell(new KeeperEvent.Stopping(id));
        }
    }

    private void Forget(IReadOnlyList<AttemptId> attempts)
    {
        AttemptId[] ended = [.. attempts.Where(id => _attempts.TryGetValue(id, out KeptAttempt? attempt) && attempt.End is not null)];
        Array.ForEach(ended, id => _attempts.Remove(id));
        if (ended.Length > 0)
        {
            Recorder.Add(new JournalFact.Forgotten(ended));
        }
    }

    /// <summary>On the thread that starts the process.</summary>
    private void BeforeStart(KeptAttempt attempt, JournalFact.Intended intent, string runDirectory)
    {
        if (attempt.Stop is not null)
        {
            throw new LaunchException(LaunchFailure.Other, "It was canceled before it was started.");
        }

        try
        {
            _journal.Append(intent);
        }
        catch (IOException e)
        {
            throw new LaunchException(LaunchFailure.CannotWrite, $"{e.Message} What is not recorded is not started. Make room, and submit it again.");
        }

        MakeMemoryGroup(attempt);
        if (Libc.mkdir(runDirectory, 0x1ED) != 0 && Marshal.GetLastPInvokeError() is var error && error != Libc.EEXIST)
        {
            throw new LaunchException(LaunchFailure.CannotWrite, $"Cannot make the run directory '{runDirectory}': {Libc.ErrorText(error)}.");
        }
    }

    /// <summary>A job that asks for a limit does not run without.</summary>
    private void MakeMemoryGroup(KeptAttempt attempt)
    {
        if (attempt.MemoryBytes is not { } bytes)
        {
            return;
        }

        MemoryGroups place = _memoryGroups.Value ?? throw new LaunchException(
            LaunchFailure.CannotLimit,
            $"Its memory cannot be limited to {Quantities.Bytes(bytes)}: this user may not make control groups here. Submit it without a limit.");
        try
        {
            attempt.MemoryGroup = MemoryGroup.Make(place, Folder.Runs, attempt.Id, bytes);
        }
        catch (IOException e)
        {
            throw CannotLimit(bytes, e);
        }
    }

    private static void EnterMemoryGroup(KeptAttempt attempt, int process)
    {
        try
        {
            attempt.MemoryGroup?.AddAll(process);
        }
        catch (IOException e) when (ProcessEntry.TryRead(process) is { Lives: true })
        {
            attempt.MemoryGroup!.TryRemove();
            throw CannotLimit(attempt.MemoryBytes!.Value, e);
        }
        catch (IOException)
        {
            // It has ended already, and so have those it had started.
        }
    }

    private static LaunchException CannotLimit(long bytes, IOException e) =>
        new(LaunchFailure.CannotLimit, $"Its memory cannot be limited to {Quantities.Bytes(bytes)}: {e.Message}");

    /// <summary>On the thread that has started the process.</summary>
    private void AfterStart(KeptAttempt attempt, int process)
    {
        EnterMemoryGroup(attempt, process);
        Processes.AddMain(process, attempt.Id);
        var started = new JournalFact.Started(attempt.Id, process, ProcessEntry.TryRead(process)?.StartTicks ?? 0, Now);
        attempt.Apply(started);
        try
        {
            _journal.Append(started);
        }
        catch (IOException)
        {
            AddLater(started);
        }
    }

    /// <summary>From any thread: for what could not be written at once.</summary>
    private void AddLater(JournalFact fact) => _ = _loop.InvokeAsync(() => Recorder.Add(fact));
}
