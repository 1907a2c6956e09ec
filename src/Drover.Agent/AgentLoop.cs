using Drover.Agent.Attempts;
using Drover.Agent.Connections;
using Drover.Agent.Drivers;
using Drover.Agent.Inputs;
using Drover.Agent.Ops;

namespace Drover.Agent;

/// <summary>
/// An agent: takes orders from its server, has its driver carry them out, and reports until the server knows. All of it
/// belongs to one loop.
/// </summary>
internal sealed class AgentLoop
{
    /// <summary>How often to ping before the server has said so.</summary>
    private static readonly TimeSpan s_defaultHeartbeat = TimeSpan.FromSeconds(15);
    private readonly AgentOptions _options;
    private readonly ITransport _transport;
    private readonly Forgetter _forgetter;
    private readonly Event _ending = new("ending");
    private AgentEnd? _end;

    /// <summary>Makes an agent that does nothing yet.</summary>
    /// <param name="options">What it was told.</param>
    /// <param name="folderId">The word of its folder.</param>
    /// <param name="driver">Its driver; not disposed.</param>
    /// <param name="transport">Its way to the server.</param>
    /// <param name="log">Its log.</param>
    internal AgentLoop(AgentOptions options, string folderId, IDriver driver, ITransport transport, AgentLog log)
    {
        _transport = transport;
        _options = options;
        Driver = driver;
        Log = log;
        Outbox = new Outbox(log);
        _forgetter = new Forgetter(driver, log);
        IdleTime = options.IdleTime;
        Identity = new AgentMessage.Hello
        {
            Protocol = AgentProtocol.Version,
            Version = DroverVersion.Text,
            Folder = folderId,
            Host = Environment.MachineName,
            UnixUser = Environment.UserName,
            ProcessId = Environment.ProcessId,
            Cpus = driver.Resources.Cpus,
            MemoryBytes = driver.Resources.MemoryBytes,
            Driver = driver.Kind,
            Limits = driver.Resources.Limits,
        };
    }

    /// <summary>Who it is.</summary>
    internal AgentMessage.Hello Identity { get; }

    internal IDriver Driver { get; }

    internal AgentLog Log { get; }

    internal Outbox Outbox { get; }

    internal Activity Activity { get; } = new();

    internal AgentTelemetry Telemetry { get; } = new();

    internal RunsInUse RunsInUse { get; } = new();

    /// <summary>Its attempts; there from the moment it connects.</summary>
    internal AttemptTable Attempts { get; private set; } = null!;

    /// <summary>Removes run directories; there from the moment it connects.</summary>
    internal Purger Purger { get; private set; } = null!;

    /// <summary>How often the server wants pings.</summary>
    internal TimeSpan Heartbeat { get; private set; } = s_defaultHeartbeat;

    /// <summary>Whether the server listens.</summary>
    internal bool IsConnected { get; set; }

    /// <summary>After how long without work it asks to end; null when it stays.</summary>
    private TimeSpan? IdleTime { get; set; }

    /// <summary>
    /// Works until it is not needed any more, not accepted, or canceled. What runs then goes on without it, and is found
    /// by the next one.
    /// </summary>
    /// <exception cref="DriverException">The records of what was started before cannot be read: nothing was begun.</exception>
    internal async Task<AgentEnd> RunAsync()
    {
        IReadOnlyList<AttemptRecord> records = await Driver.RecoverAsync();
        try
        {
            await TaskGroup.RunAsync(
                async group =>
                {
                    Attempts = new AttemptTable(new Site(Driver, Outbox, _forgetter, new InputFetch(Driver, _transport, Log), Log, Telemetry), group, Activity);
                    Attempts.Recover(records);
                    Purger = new Purger(Driver, name => Attempts.Uses(name) || RunsInUse.Contains(name), Outbox, Activity, Log);
                    group.Start(Purger.RunAsync, "purge");
                    group.Start(_forgetter.RunAsync, "forget");
                    group.Start(WatchIdlenessAsync, "idleness");
                    group.Start(StayConnectedAsync, "server");
                    await _ending.WaitAsync("a reason to end");
                    group.Cancel(_end!.Message);
                },
                "agent");
        }
        finally
        {
            await CancelScope.ShieldAsync(TimeSpan.FromSeconds(2), _forgetter.FlushAsync, "forget");
        }

        return _end!;
    }

    /// <summary>The server has accepted it.</summary>
    internal void Enter(ServerMessage.Welcome welcome)
    {
        Telemetry.Agent = Log.Agent = welcome.Agent;
        Heartbeat = Time(welcome.HeartbeatSeconds);
        IdleTime = _options.IdleTime ?? (welcome.IdleSeconds is { } seconds ? Time(seconds) : null);
        Activity.Stirred.Set(); // The time without work counts from here, and may be another one than before.
    }

    /// <summary>The server does not need it any more: it ends. False when it has something to do, of which the server cannot have known.</summary>
    internal bool TryLeave()
    {
        if (Activity.Quiet.IsSet)
        {
            End(AgentExit.Done, "It has nothing to do, and the server let it go.");
        }

        return Activity.Quiet.IsSet;
    }

    /// <summary>A time that the server gave; what cannot be meant is brought to something that works.</summary>
    private static TimeSpan Time(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0.01, TimeSpan.SecondsPerDay * 365));

    private void End(AgentExit exit, string message)
    {
        _end ??= new AgentEnd(exit, message);
        _ending.Set();
    }

    private async Task StayConnectedAsync()
    {
        TimeSpan longest = _options.LongestPause ?? (_options.IsLocal ? TimeSpan.FromSeconds(0.5) : TimeSpan.FromSeconds(30));
        var connector = new Connector(_transport, this);
        var reconnection = new Reconnection(connector.ConnectAsync, new Backoff(TimeSpan.FromSeconds(0.1), longest), Log);
        ConnectionEnd.NotAccepted refusal = await reconnection.RunAsync();
        Attempts.Close(refusal.Why);
        if (Attempts.Running > 0)
        {
            Log.Write($"{refusal.Why} Waits for the end of {Attempts.Running} attempts, then ends.");
        }

        await Attempts.WaitForEndsAsync(); // Their records stay: the server may take the agent back.
        End(AgentExit.NotAccepted, refusal.Why);
    }

    private async Task WatchIdlenessAsync()
    {
        while (true)
        {
            await Activity.Quiet.WaitAsync("work to end");
            Activity.Stirred.Reset();
            Outcome stirred = await CancelScope.MoveOnAfterAsync(
                IdleTime ?? Timeout.InfiniteTimeSpan, async () => await Activity.Stirred.WaitAsync("work"));
            if (stirred.IsDone)
            {
                continue;
            }

            if (IsConnected)
            {
                Outbox.Say(new AgentMessage.Idle());
            }
            else
            {
                End(AgentExit.Done, $"It has had nothing to do for {Quantities.Duration(IdleTime!.Value)}, and the server is away.");
            }
        }
    }
}
