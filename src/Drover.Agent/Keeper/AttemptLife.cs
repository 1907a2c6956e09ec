using System.Globalization;
using Drover.Agent.Keeper.Processes;
using Drover.Agent.Keeper.Records;

namespace Drover.Agent.Keeper;

/// <summary>
/// The life of an attempt with the keeper, from the order to start it (or from where a keeper that was killed left it) to
/// its ending. One coroutine each.
/// </summary>
internal sealed class AttemptLife(JobKeeper keeper, KeptAttempt attempt)
{
    private static readonly TimeSpan s_longestTimer = TimeSpan.FromDays(49);
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);

    /// <summary>A process that lives so long after SIGKILL hangs in the kernel, or is somebody else's by now.</summary>
    internal static TimeSpan DyingTakes { get; set; } = TimeSpan.FromSeconds(30);

    private readonly HashSet<(int Id, long StartTicks)> _askedToEnd = [];
    private TimeSpan _killAt = TimeSpan.MaxValue;
    private bool _runs;
    private bool _wasAsked;
    private bool _wasKilled;
    private int _leftBehind;
    private IReadOnlyList<ProcessEntry> _unkilled = [];

    /// <summary>Starts it, and stays with it to its end.</summary>
    internal async Task RunAsync(RunOrder order)
    {
        AttemptEnd? end = null;
        try
        {
            ProcessSpec spec = keeper.Prepare(attempt, order);
            await Subprocess.RunAsync(spec, async process =>
            {
                _runs = true;
                end = await LiveAsync(new MainProcess.Own(process));
            });
            keeper.HasEnded(attempt, end!);
        }
        catch (ProcessStuckException e) when (end is not null)
        {
            // The end is recorded, and names what is left. That is left alone.
            KeeperProgram.Log($"Attempt {attempt.Id} has ended. {e.Message}");
            keeper.HasEnded(attempt, end);
        }
        catch (Exception e) when (!_runs && e is not OperationCanceledException)
        {
            // Whatever it is: it is no reason to lose the exit codes of the others.
            if (AttemptLaunch.IsUnexpected(e))
            {
                KeeperProgram.Log($"The start of attempt {attempt.Id} failed unexpectedly: {e}");
            }

            keeper.Record(attempt, attempt.Stop is { } stop
                ? AttemptLaunch.CanceledBefore(stop, JobKeeper.Now)
                : new AttemptEnd { Ending = AttemptLaunch.Failed(order, e), At = JobKeeper.Now, Evidence = e.Message });
        }
    }

    /// <summary>Takes over from a keeper that was killed.</summary>
    internal async Task FollowAsync()
    {
        JournalFact.Started started = attempt.Started!;
        using ForeignProcess? process = ForeignProcess.TryOpen(started.ProcessId);
        bool isIt = ProcessEntry.TryRead(started.ProcessId) is { Lives: true } entry && entry.StartTicks == started.StartTicks;
        AttemptEnd end = await LiveAsync(new MainProcess.Followed(isIt ? process : null));
        keeper.HasEnded(attempt, end);
    }

    private async Task<AttemptEnd> LiveAsync(MainProcess main)
    {
        keeper.HasStarted(attempt);
        StopCause? cause = await EndOrCauseAsync(main);
        if (cause is not null && !await StopAsync(main, cause))
        {
            cause = null; // It had ended before the first signal was sent: that is its true ending.
        }

        AttemptEnd? end = await Blocking.RunAsync(() => TrySettle(main, cause), situation: $"settle {attempt.Id}");
        if (end is null)
        {
            await EndRestAsync(main);
            end = await Blocking.RunAsync(() => Settle(main, cause), situation: $"settle {attempt.Id}");
        }

        return end;
    }

    /// <summary>Waits until it has ended (null), its time is over or it is to stop.</summary>
    private async Task<StopCause?> EndOrCauseAsync(MainProcess main)
    {
        while (true)
        {
            TimeSpan left = attempt.TimeLimit is { } limit ? limit - BootClock.Since(attempt.Started!.StartTicks) : Timeout.InfiniteTimeSpan;
            if (attempt.Stop is { } stop)
            {
                return new StopCause.Ordered(stop.By, stop.Why);
            }

            if (attempt.TimeLimit is not null && left <= TimeSpan.Zero)
            {
                return new StopCause.TimeOver(attempt.TimeLimit.Value);
            }

            if (await EndsWithinAsync(main, left))
            {
                return null;
            }
        }
    }

    /// <summary>Whether it ended in this time; false also when there is news for the attempt.</summary>
    private async Task<bool> EndsWithinAsync(MainProcess main, TimeSpan time)
    {
        Outcome outcome = await CancelScope.MoveOnAfterAsync(
            time < s_longestTimer ? time : s_longestTimer,
            async () =>
            {
                attempt.Wait = CancelScope.Current;
                await main.WaitAsync();
            });
        attempt.Wait = null;
        return outcome.IsDone;
    }

    /// <summary>SIGTERM, grace, SIGKILL, until the first process has ended. False when it had before the first signal.</summary>
    private async Task<bool> StopAsync(MainProcess main, StopCause cause)
    {
        // Looked for now, since descent tells most as long as the ancestors live.
        IReadOnlyList<ProcessEntry> members = await keeper.FindAsync(attempt, main.IsOwn);
        TimeSpan begun = BootClock.Now;
        SetKillAt(begun, cause);
        bool kills = _killAt <= begun;
        (_wasAsked, _wasKilled) = (!kills, kills);
        main.Signal(kills ? UnixSignal.SIGKILL : UnixSignal.SIGTERM);
        if (main.Exit is not null)
        {
            return false;
        }

        if (!kills)
        {
            main.Signal(UnixSignal.SIGCONT); // A stopped process would see the SIGTERM only when it goes on.
        }

        Signal(members.Where(member => member.Group != main.Id));
        while (!await EndsWithinAsync(main, _killAt - BootClock.Now))
        {
            SetKillAt(begun, cause);
            if (_killAt <= BootClock.Now)
            {
                _wasKilled = true;
                Signal(await keeper.FindAsync(attempt, main.IsOwn));
                main.Signal(UnixSignal.SIGKILL);
                await DiesAsync(main);
                break;
            }
        }

        return true;
    }

    /// <summary>Its end decides how the attempt ended, so it is waited for, however long the kernel holds it.</summary>
    private async Task DiesAsync(MainProcess main)
    {
        if ((await CancelScope.MoveOnAfterAsync(DyingTakes, () => main.WaitAsync().AsTask())).IsCanceled)
        {
            string what = string.Create(CultureInfo.InvariantCulture, $"process {main.Id} of attempt {attempt.Id} was sent SIGKILL and does not end");
            KeeperProgram.Log($"{what}: the kernel holds it, often for a file system that does not answer. It is waited for; see its state with ps.");
            Coroutine.Current.Situation = what;
            keeper.IsStuck(attempt, string.Create(
                CultureInfo.InvariantCulture,
                $"does not end although it was killed: the kernel holds process {main.Id}, often for a file system that does not answer; `ps -o stat,wchan {main.Id}` there tells more"));
            await main.WaitAsync();
        }
    }

    /// <summary>An order may come while it is being stopped already; the shorter grace holds.</summary>
    private void SetKillAt(TimeSpan begun, StopCause? cause)
    {
        TimeSpan grace = cause is StopCause.Ordered ? TimeSpan.MaxValue : attempt.Grace;
        if (attempt.Stop is { } stop && KeptAttempt.Seconds(stop.GraceSeconds) is var ordered && ordered < grace)
        {
            grace = ordered;
        }

        _killAt = begun + grace < _killAt ? begun + grace : _killAt;
    }

    /// <summary>
    /// Ends what its first process has left behind: what has not been asked yet is asked, and killed when the grace is over.
    /// What does not die of that is left alone after a while.
    /// </summary>
    private async Task EndRestAsync(MainProcess main)
    {
        TimeSpan begun = BootClock.Now;
        TimeSpan pause = s_firstPause;
        TimeSpan? killsSince = null;
        IReadOnlyList<ProcessEntry> rest = await keeper.FindAsync(attempt, main.IsOwn);
        _leftBehind = rest.Count(member => !_askedToEnd.Contains((member.Id, member.StartTicks)));
        while (rest.Count > 0)
        {
            SetKillAt(begun, cause: null);
            TimeSpan now = BootClock.Now;
            if (_killAt <= now && killsSince is null)
            {
                (killsSince, pause) = (now, s_firstPause);
            }

            if (now - killsSince > DyingTakes)
            {
                _unkilled = rest;
                break;
            }

            Signal(rest);
            await PauseAsync(killsSince is not null || pause < _killAt - now ? pause : _killAt - now);
            pause = 1.5 * pause < s_longestPause ? 1.5 * pause : s_longestPause; // Each look reads all of /proc.
            rest = await keeper.FindAsync(attempt, main.IsOwn);
        }

        await Blocking.RunAsync(keeper.Processes.ReapOrphans, situation: "reap what it left behind");
    }

    /// <summary>Lets time pass, less when there is news for the attempt.</summary>
    private async Task PauseAsync(TimeSpan time)
    {
        await CancelScope.MoveOnAfterAsync(
            s_longestTimer,
            async () =>
            {
                attempt.Wait = CancelScope.Current;
                await Coroutine.SleepAsync(time, "the end of what it left behind");
            });
        attempt.Wait = null;
    }

    private void Signal(IEnumerable<ProcessEntry> members)
    {
        bool kills = _killAt <= BootClock.Now;
        foreach (ProcessEntry member in members)
        {
            if (kills)
            {
                _wasKilled = true;
                _ = Libc.kill(member.Id, Libc.SIGKILL);
            }
            else if (_askedToEnd.Add((member.Id, member.StartTicks)))
            {
                _ = Libc.kill(member.Id, Libc.SIGTERM);
                _ = Libc.kill(member.Id, Libc.SIGCONT);
            }
        }
    }

    /// <summary>On a thread that may block. Null when it may have left something behind.</summary>
    private AttemptEnd? TrySettle(MainProcess main, StopCause? cause) =>
        !main.IsOwn || keeper.Processes.MayHaveLeft(attempt, keeper.IsLast) ? null : Settle(main, cause);

    /// <summary>On a thread that may block: the first process has ended and nothing is left that can be ended.</summary>
    private AttemptEnd Settle(MainProcess main, StopCause? cause)
    {
        MemoryGroup? memory = attempt.MemoryGroup;
        var seen = new Endings.Seen
        {
            ProcessId = main.Id,
            Exit = main.Exit!,
            Cause = cause,
            WasAsked = _wasAsked,
            WasKilled = _wasKilled,
            Ran = BootClock.Since(attempt.Started!.StartTicks),
            LeftBehind = _leftBehind,
            Unkilled = [.. _unkilled.Select(member => member.Id)],
            KilledForMemory = memory?.Killed() ?? 0,
            MemoryLimit = attempt.MemoryBytes,
        };
        var end = new AttemptEnd
        {
            Ending = Endings.Of(seen),
            At = JobKeeper.Now,
            Evidence = Endings.Evidence(seen),
            Usage = Used(main.Usage),
            ErrorTail = ErrorTail.Read(AttemptFiles.Log(keeper.Folder.Run(attempt.RunDirectory), attempt.Id, OutputKind.Error)),
        };
        keeper.TryRecord(attempt, end);
        memory?.TryRemove();
        return end;
    }

    /// <summary>The kernel counts what the keeper occupied at the start too: only more than that is the attempt's own.</summary>
    private static unsafe Usage? Used(ProcessUsage? usage)
    {
        Libc.ResourceUsage own;
        _ = Libc.getrusage(0, &own);
        return usage is null ? null : new Usage
        {
            CpuSeconds = usage.Processor.TotalSeconds,
            MaxMemoryBytes = usage.MaxResidentBytes > own.MaxResidentKibibytes * 1024 ? usage.MaxResidentBytes : null,
        };
    }
}
