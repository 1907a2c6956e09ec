using Drover.Agent.Drivers;

namespace Drover.Agent.Attempts;

/// <summary>An attempt while the agent has to do with it: from its order until the server knows its end.</summary>
/// <param name="id">Which.</param>
/// <param name="runDirectory">The name of its run directory; empty when it was canceled before that was known.</param>
/// <param name="site">Where it runs and whom it reports to.</param>
internal sealed class Attempt(AttemptId id, string runDirectory, Site site)
{
    private static readonly TimeSpan s_firstLook = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan s_nextLook = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private readonly Event _acknowledged = new("acknowledged");
    private Progress? _progress;
    private string? _trouble;
    private bool _isWatched;
    private AttemptRecord? _running;
    private long _started;
    private CancelScope? _beforeStart;
    private bool _isStaged;

    internal AttemptId Id => id;

    internal string RunDirectory => runDirectory;

    /// <summary>Greater than that of every attempt that was here before.</summary>
    internal required long Place { get; init; }

    /// <summary>Set when the site has a record of it: from then on it can be stopped, and has logs.</summary>
    internal Event Begun { get; } = new("begun");

    /// <summary>Set when it has ended: nothing is written any more.</summary>
    internal Event Over { get; } = new("over");

    /// <summary>The last order to stop it, also while it has not begun; null while there is none.</summary>
    internal StopOrder? Stopping { get; private set; }

    /// <summary>The life of an attempt. In a canceled scope it goes on without the agent.</summary>
    /// <param name="begin">Starts it, or finds out that it was.</param>
    internal async Task LiveAsync(Func<Task<AttemptRecord>> begin)
    {
        AttemptRecord record = await site.InsistAsync(id, "start", begin);
        Begun.Set();
        TellStarted(record); // Also when its end is known already: when it started belongs to its story.
        AttemptEnd end = record.End ?? await FollowAsync(record);
        site.Telemetry.Ended(record, end);
        site.Log.Write(id, Bounds.Begin(end.Ending.ToString()!));
        Over.Set();
        site.Outbox.AddEnded(id, end, _acknowledged);
        await _acknowledged.WaitAsync("the server to know its end");
        site.Forgetter.Add(id);
    }

    /// <summary>Lays out its inputs, when it has some, and starts it. Again after it failed: goes on where it was.</summary>
    internal async Task<AttemptRecord> StartAsync(RunOrder order)
    {
        if (order.Spec.Inputs is not null && !_isStaged && await StageAsync(order) is { } ended)
        {
            return ended;
        }

        _isStaged = true;
        return await site.Driver.StartAsync(order);
    }

    /// <summary>Stops it, when it has begun or while it waits for its place or its inputs. What it ended with before holds.</summary>
    internal async Task StopAsync(StopOrder order)
    {
        Stopping = order;
        if (_beforeStart is { } before)
        {
            site.Log.Write(id, $"is stopped by {order.By} before its start");
            before.Cancel("it is to stop");
            return;
        }

        await Begun.WaitAsync("its start");
        if (!Over.IsSet)
        {
            site.Log.Write(id, $"is stopped by {order.By}");
            await site.InsistAsync(id, "stop", async () =>
            {
                await site.Driver.StopAsync(id, order);
                return true;
            });
        }
    }

    /// <summary>Waits for what comes before its start; canceled by an order to stop it.</summary>
    internal async Task<Outcome> UntilStopAsync(Func<Task> body, string name)
    {
        try
        {
            return await CancelScope.RunAsync(
                scope =>
                {
                    _beforeStart = scope;
                    if (Stopping is not null)
                    {
                        scope.Cancel("it is to stop"); // The order came first.
                    }

                    return body();
                },
                name: name);
        }
        finally
        {
            _beforeStart = null;
        }
    }

    /// <summary>The server asks again although it was told: tells it again.</summary>
    internal void TellAgain()
    {
        if (_running is { } record && !Over.IsSet)
        {
            site.Outbox.Acknowledge([_started]);
            TellStarted(record);
        }
    }

    /// <summary>Lays out its inputs. Returns what came of it when it is not to be started any more; otherwise null.</summary>
    private async Task<AttemptRecord?> StageAsync(RunOrder order)
    {
        try
        {
            // Without a limit: the job's own counts from the start of its process.
            Outcome staged = await UntilStopAsync(() => site.Inputs.RunAsync(order), $"inputs of {id}");
            if (staged.IsDone && Stopping is null) // An order that came as the last file was laid out is obeyed, too.
            {
                return null;
            }
        }
        catch (DriverException e) when (Stopping is null)
        {
            return NotStarted(order, new Ending.LaunchFailed(LaunchFailure.NoInputs, e.Message), "its inputs could not be laid out");
        }
        catch (DriverException)
        {
            // It is to stop, so it needs no inputs.
        }

        await site.Driver.StopAsync(id, Stopping!); // Makes a record, so that it cannot be started any more.
        return new AttemptRecord { Attempt = id, RunDirectory = order.RunDirectory };
    }

    private static AttemptRecord NotStarted(RunOrder order, Ending ending, string evidence) => new()
    {
        Attempt = order.Attempt,
        RunDirectory = order.RunDirectory,
        End = new AttemptEnd { Ending = ending, At = EventLoop.Current.Time.GetUtcNow(), Evidence = evidence },
    };

    private async Task<AttemptEnd> FollowAsync(AttemptRecord record)
    {
        AttemptEnd end = await TaskGroup.RunAsync(async following =>
        {
            following.Start(() => WatchProgressAsync(record), "progress");
            following.Start(WatchTroubleAsync, "trouble"); // By itself: a look at progress may hang with the run directory.
            Coroutine.Current.Situation = "its end";
            AttemptEnd end = await site.InsistAsync(id, "follow", () => site.Driver.WaitAsync(id));
            following.Cancel("it has ended");
            return end;
        });
        if (_isWatched)
        {
            // What it wrote between the last look and its end. That does not wait for a file system that hangs.
            await CancelScope.MoveOnAfterAsync(s_patience, () => LookAtProgressAsync(record), "the last look at its progress");
        }

        return end;
    }

    private void TellStarted(AttemptRecord record)
    {
        if (record is { ProcessId: { } process, StartedAt: { } at })
        {
            _running = record;
            _started = site.Outbox.AddStarted(record, process, at);
        }
    }

    private async Task WatchProgressAsync(AttemptRecord record)
    {
        if (record.RunDirectory.Length == 0)
        {
            return;
        }

        Outcome slept = await Coroutine.TrySleepAsync(s_firstLook, "the first look at its progress");
        while (slept.IsDone)
        {
            _isWatched = true;
            await LookAtProgressAsync(record);
            slept = await Coroutine.TrySleepAsync(s_nextLook, "the next look at its progress");
        }
    }

    private async Task LookAtProgressAsync(AttemptRecord record)
    {
        try
        {
            Tell(await site.Driver.ReadProgressAsync(id, record.RunDirectory) ?? _progress);
        }
        catch (Exception e) when (e is DriverException or IOException or UnauthorizedAccessException)
        {
            // It may say more next time; that it does not now is the job's business.
        }
    }

    /// <summary>Opens no file.</summary>
    private async Task WatchTroubleAsync()
    {
        while ((await Coroutine.TrySleepAsync(s_nextLook, "the next look at what keeps it from ending")).IsDone)
        {
            Tell(_progress);
        }
    }

    /// <summary>Tells the server how far it is and what keeps it from ending, when one of these is new.</summary>
    private void Tell(Progress? progress)
    {
        string? trouble = site.Driver.TroubleOf(id);
        if (progress != _progress || trouble != _trouble)
        {
            (_progress, _trouble) = (progress, trouble);
            site.Outbox.SetProgress(id, (progress ?? new Progress()) with { At = EventLoop.Current.Time.GetUtcNow() }, trouble);
        }
    }
}
