using Drover.Server.Configuration;
using Drover.Server.Storage;
using Drover.Server.Telemetry;

namespace Drover.Server.Supervision;

/// <summary>An agent that the server knows: whose, where, its connection, and the jobs it has. Belongs to the supervision loop.</summary>
internal sealed class KnownAgent
{
    private const int MostExecs = 8;
    private const int MostExecsWaiting = 64;

    private readonly Event _ready;
    private readonly Slots _runOps;
    private readonly Slots _execs;
    private int _execsWaiting;

    internal KnownAgent(AgentRow row, JobOptions options)
    {
        Row = row;
        _ready = new Event($"agent '{row.Name}' ready");
        _runOps = new Slots(options.MostStarting, $"starts at agent '{row.Name}'");
        _execs = new Slots(MostExecs, $"commands at agent '{row.Name}'");
        Backlog = new Backlog(options.MostInLine, WhatItWaitsFor);
    }

    /// <summary>What is stored about it.</summary>
    internal AgentRow Row { get; set; }

    /// <summary>Its name.</summary>
    internal string Name => Row.Name;

    /// <summary>Its connection, also while it has not yet said what it knows; null while there is none.</summary>
    internal AgentSession? Connection { get; set; }

    /// <summary>Its connection, once it has said what it knows; null while it is away.</summary>
    internal AgentSession? Session { get; private set; }

    /// <summary>Whether somebody has asked for it since it was last ready.</summary>
    internal bool IsWanted { get; set; }

    /// <summary>When its last connection ended; null when there was none since the server started.</summary>
    internal DateTimeOffset? AwaySince { get; private set; }

    /// <summary>The unfinished jobs of its user at its site: those that it has, and those that wait.</summary>
    internal HashSet<LiveJob> Jobs { get; } = [];

    /// <summary>Those of them that nobody follows yet.</summary>
    internal Backlog Backlog { get; }

    /// <summary>What is held of it, or waits for it, in words; null when nothing is.</summary>
    internal string? Held =>
        Jobs.Count == 0 && Backlog.Count == 0 && _runOps.Free == _runOps.Capacity && _execs.Free == MostExecs && _execsWaiting == 0 && Connection?.Ops.IsEmpty != false
            ? null
            : $"{Jobs.Count} jobs, {Backlog.Count} of them far back in line, {_runOps.Capacity - _runOps.Free} starts and {MostExecs - _execs.Free} commands pending, {_execsWaiting} commands waiting";

    /// <summary>Whether a start or a command waits although there is room for it: never, between two steps of the loop.</summary>
    internal bool KeepsOneWaitingForNothing => HasRoomForOneThatWaits(_runOps) || HasRoomForOneThatWaits(_execs);

    /// <summary>Where it is counted while it is connected.</summary>
    internal required PresentCounts Present { get; init; }

    /// <summary>How to get one when it is away, in words a person can act on.</summary>
    internal required Func<string> HowToStart { get; init; }

    /// <summary>The agent as it is shown.</summary>
    internal AgentInfo Show() => new()
    {
        Name = Name,
        User = Row.User,
        Site = Row.Site,
        IsConnected = Session is not null,
        Host = Row.Host,
        UnixUser = Row.UnixUser,
        ProcessId = Row.ProcessId,
        Version = Row.Version,
        LastSeenAt = Row.LastSeenAt,
        Attempts = Jobs.Count(job => job.Info.State.WasSent()),
        Situation = Session is null ? HowToStart() : null,
    };

    /// <summary>Waits until it is connected and ready.</summary>
    internal async Task<AgentSession> ReadyAsync()
    {
        while (Session is null)
        {
            await _ready.WaitAsync($"agent '{Name}'");
        }

        return Session;
    }

    /// <summary>Waits for the right to send one more attempt: so many may be without an answer.</summary>
    internal ValueTask<SlotLease> StartSlotAsync(JobId job) => _runOps.AcquireAsync(1, $"start of job {job}");

    /// <summary>Waits for the right to run one more short command beside the jobs: so many may run at once.</summary>
    /// <exception cref="RequestRefusedException">Too many wait already.</exception>
    internal async Task<SlotLease> ExecSlotAsync(JobId job)
    {
        if (_execs.Free == 0 && _execsWaiting == MostExecsWaiting)
        {
            throw new RequestRefusedException(
                "busy",
                $"Agent '{Name}' runs {MostExecs} commands, and {MostExecsWaiting} wait for one of them to end: try again later.");
        }

        _execsWaiting++;
        try
        {
            return await _execs.AcquireAsync(1, $"command in job {job}: waits for one of {MostExecs} at agent '{Name}' to end");
        }
        finally
        {
            _execsWaiting--;
        }
    }

    /// <summary>It has said what it knows: attempts may be sent.</summary>
    internal void BecomeReady(AgentSession session)
    {
        Present.AgentConnects(isConnected: true, wasConnected: Session is not null, Row.Site);
        IsWanted = false;
        Session = session;
        AwaySince = null;
        _ready.Set();
    }

    /// <summary>Its connection is gone.</summary>
    internal void BecomeAway(DateTimeOffset now)
    {
        Present.AgentConnects(isConnected: false, wasConnected: Session is not null, Row.Site);
        Session = null;
        AwaySince = now;
        _ready.Reset();
    }

    private static bool HasRoomForOneThatWaits(Slots slots) => slots.Free > 0 && slots.Statistics().Waiters is [{ Demand: var demand }, ..] && demand <= slots.Free;

    private string WhatItWaitsFor(LiveJob job) =>
        Session is null ? HowToStart() : $"waiting for {CpuQueue.Count(job)}, {Backlog.Behind(job)}";
}
