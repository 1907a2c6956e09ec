using System.Text.Json;
using Drover.Agent.Drivers;
using Drover.Agent.Keeper.Messages;

namespace Drover.Agent.Keeper;

/// <summary>
/// The agent's side of the keeper: starts one when none runs, connects, and again when it was killed. Orders that a
/// killed keeper may not have taken are given to the next one. Belongs to the loop that it was made on.
/// </summary>
/// <param name="keeper">Connects to a keeper, and starts it when there is none.</param>
/// <param name="log">Takes what is to be said to people.</param>
internal sealed class KeeperClient(KeeperStarter keeper, Action<string> log) : IAsyncDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_flushTakes = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly EventLoop _loop = EventLoop.Current;
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<AttemptId, TrackedAttempt> _attempts = [];
    private readonly HashSet<AttemptId> _told = [];
    private readonly Event _isReady = new("the keeper's records");
    private LineConnection? _connection;
    private DriverException? _refusal;
    private Task? _pump;
    private bool _wasReady;
    private bool _isLeft;

    /// <summary>Every attempt that the keeper has a record of.</summary>
    internal IEnumerable<AttemptRecord> Records => _attempts.Values.Select(attempt => attempt.Record).OfType<AttemptRecord>();

    /// <summary>Connects, and knows all records when it returns.</summary>
    /// <exception cref="DriverException">There is no keeper and none can be started, or it is of another version.</exception>
    internal async Task OpenAsync()
    {
        if (_pump is null)
        {
            LoopSocket socket = await keeper.ConnectAsync();
            _pump = _loop.InvokeAsync(() => ServeAsync(socket), "keeper client", _end.Token);
        }

        Outcome ready = await CancelScope.MoveOnAfterAsync(s_patience, () => _isReady.WaitAsync().AsTask());
        if (_refusal is not null || ready.IsCanceled)
        {
            throw _refusal ?? new DriverException($"The keeper in '{keeper.Folder.FullPath}' does not answer. Its log is '{keeper.Folder.Log}'.");
        }
    }

    /// <summary>Starts an attempt unless there is a record of it; waits until it has started or ended.</summary>
    internal async Task<AttemptRecord> StartAsync(RunOrder order)
    {
        if (!_attempts.TryGetValue(order.Attempt, out TrackedAttempt? attempt))
        {
            _attempts[order.Attempt] = attempt = new TrackedAttempt(order.Attempt) { Order = order };
            Post(new KeeperCommand.Start(order));
        }

        await attempt.Known.WaitAsync();
        return attempt.Record!;
    }

    /// <summary>Waits until an attempt that there is a record of has started or ended.</summary>
    internal async Task<AttemptRecord> StartedAsync(AttemptId id)
    {
        TrackedAttempt attempt = Find(id);
        await attempt.Known.WaitAsync();
        return attempt.Record!;
    }

    /// <summary>Waits until an attempt has ended.</summary>
    internal async Task<AttemptEnd> WaitAsync(AttemptId id)
    {
        TrackedAttempt attempt = Find(id);
        await attempt.Ended.WaitAsync();
        return attempt.Record!.End!;
    }

    /// <summary>Stops an attempt; waits until the keeper has recorded that.</summary>
    internal async Task StopAsync(AttemptId id, StopOrder order)
    {
        if (!_attempts.TryGetValue(id, out TrackedAttempt? attempt))
        {
            _attempts[id] = attempt = new TrackedAttempt(id);
        }

        if (attempt.Record?.End is null)
        {
            attempt.Stop = order;
            attempt.StopTaken.Reset();
            Post(new KeeperCommand.Stop(id, order));
            await attempt.StopTaken.WaitAsync();
        }
    }

    /// <summary>What keeps an attempt from ending although it was killed; null when nothing does.</summary>
    internal string? TroubleOf(AttemptId id) => _attempts.GetValueOrDefault(id)?.Record?.Trouble;

    /// <summary>Drops the records of attempts that have ended.</summary>
    internal void Forget(IReadOnlyList<AttemptId> attempts)
    {
        AttemptId[] ended = [.. attempts.Where(id => _attempts.TryGetValue(id, out TrackedAttempt? attempt) && attempt.Record?.End is not null)];
        Array.ForEach(ended, id => _attempts.Remove(id));
        if (ended.Length > 0)
        {
            Post(new KeeperCommand.Forget(ended));
        }
    }

    /// <summary>Leaves the keeper, which goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isLeft)
        {
            return;
        }

        _isLeft = true;
        if (_connection is { } connection)
        {
            await CancelScope.ShieldAsync(s_flushTakes, connection.FlushAsync);
        }

        await _end.CancelAsync();
        _connection?.Dispose();
        if (_pump is not null)
        {
            await CancelScope.ShieldAsync(s_patience, async () =>
            {
                await _pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            });
        }

        _end.Dispose();
    }

    private TrackedAttempt Find(AttemptId id) => _attempts.TryGetValue(id, out TrackedAttempt? attempt)
        ? attempt
        : throw new DriverException($"There is no record of attempt {id}.", isNotFound: true);

    private void Post(KeeperCommand command)
    {
        if (_isReady.IsSet)
        {
            _connection!.Post(command, KeeperJson.Default.KeeperCommand);
        }
    }

    private async Task ServeAsync(LoopSocket first)
    {
        LoopSocket? socket = first;
        TimeSpan pause = s_firstPause;
        while (_refusal is null && !_isLeft)
        {
            if (socket is not null)
            {
                _told.Clear();
                _connection = new LineConnection(socket);
                _connection.Post(new KeeperCommand.Use(AgentEnvironment.Read()), KeeperJson.Default.KeeperCommand);
                await _connection.RunAsync(Hear);
                pause = _isReady.IsSet ? s_firstPause : pause;
                _isReady.Reset();
            }

            if (_refusal is null && !_isLeft)
            {
                log("The keeper is gone; another one takes its jobs over.");
                socket = await TryConnectAsync(pause);
                pause = pause < s_longestPause ? 2 * pause : s_longestPause;
            }
        }

        _isReady.Set(); // Who waits is told of the refusal.
    }

    private async Task<LoopSocket?> TryConnectAsync(TimeSpan pause)
    {
        try
        {
            return await keeper.ConnectAsync();
        }
        catch (DriverException e)
        {
            log(e.Message);
            await Coroutine.SleepAsync(pause, "before the next try to start a keeper");
            return null;
        }
    }

    private void Hear(ReadOnlySpan<byte> line)
    {
        switch (JsonSerializer.Deserialize(line, KeeperJson.Default.KeeperEvent))
        {
            case KeeperEvent.Hello hello when hello.Protocol != KeeperEvent.Hello.Spoken:
                _refusal = new DriverException(
                    $"The keeper in '{keeper.Folder.FullPath}' (process {hello.ProcessId}) is of version {hello.Version}, which this one "
                    + $"({DroverVersion.Text}) does not understand. Let its jobs end with the version that has started them.");
                _connection!.Dispose();
                break;
            case KeeperEvent.Known(var record):
                _told.Add(record.Attempt);
                HearOf(record);
                break;
            case KeeperEvent.Ready:
                Reconcile();
                break;
            case KeeperEvent.Started started when _attempts.TryGetValue(started.Attempt, out TrackedAttempt? attempt):
                string runDirectory = attempt.Record?.RunDirectory ?? attempt.Order?.RunDirectory ?? "";
                attempt.Record = new AttemptRecord
                {
                    Attempt = started.Attempt,
                    RunDirectory = runDirectory,
                    ProcessId = started.ProcessId,
                    StartedAt = started.At,
                    TraceParent = attempt.Record?.TraceParent ?? attempt.Order?.TraceParent,
                };
                attempt.Order = null;
                break;
            case KeeperEvent.Ended ended when _attempts.TryGetValue(ended.Attempt, out TrackedAttempt? attempt):
                attempt.Record = (attempt.Record ?? new AttemptRecord
                {
                    Attempt = ended.Attempt,
                    RunDirectory = attempt.Order?.RunDirectory ?? "",
                }) with
                { End = ended.End };
                break;
            case KeeperEvent.Stopping stopping when _attempts.TryGetValue(stopping.Attempt, out TrackedAttempt? attempt):
                attempt.Stop = attempt.Record is null ? attempt.Stop : null; // Without a record, only its end says that it is known.
                attempt.StopTaken.Set();
                break;
        }
    }

    private void HearOf(AttemptRecord record)
    {
        if (!_attempts.TryGetValue(record.Attempt, out TrackedAttempt? attempt))
        {
            if (_wasReady)
            {
                return; // Forgotten by us while the keeper did not hear: see below.
            }

            _attempts[record.Attempt] = attempt = new TrackedAttempt(record.Attempt);
        }

        if (attempt.Record?.End is null) // A keeper that was killed may have told more than it had time to write.
        {
            attempt.Record = record;
        }
    }

    /// <summary>All records of this keeper are told: what it does not know, it is asked anew.</summary>
    private void Reconcile()
    {
        _isReady.Set();
        _wasReady = true;
        AttemptId[] forgotten = [.. _told.Where(id => !_attempts.ContainsKey(id))];
        if (forgotten.Length > 0)
        {
            Post(new KeeperCommand.Forget(forgotten));
        }

        foreach ((AttemptId id, TrackedAttempt attempt) in _attempts)
        {
            if (attempt.Order is { } order && !_told.Contains(id))
            {
                Post(new KeeperCommand.Start(order));
            }

            if (attempt.Stop is { } stop)
            {
                Post(new KeeperCommand.Stop(id, stop));
            }

            if (attempt is { Order: null, Stop: null, Record: { End: null } record } && !_told.Contains(id))
            {
                attempt.Record = record with { End = Vanished() };
            }
        }
    }

    private AttemptEnd Vanished() => new()
    {
        Ending = new Ending.Lost("the keeper's record of it is gone"),
        At = _loop.Time.GetUtcNow(),
        Evidence = $"the keeper that was started anew does not find it in '{keeper.Folder.Journal}'",
        MayRun = true,
    };
}
