using Drover.Server.Configuration;
using Drover.Server.Storage;
using Drover.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Supervision;

/// <summary>
/// The sites and the agents that act there, one for a user and site, and what their connections tell. Belongs to the
/// supervision loop.
/// </summary>
internal sealed partial class AgentDirectory
{
    /// <summary>The site of the server's own machine.</summary>
    internal const string LocalSite = "local";

    private static readonly TimeSpan s_awayUntilUnknown = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_leavesWithin = TimeSpan.FromSeconds(2);
    private const int MostCpus = 1_000_000;
    private static readonly TimeSpan s_awayAfterStart = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, Site> _sites = [];
    private readonly Dictionary<(string User, string Site), KnownAgent> _agents = [];
    private readonly Func<JobId, LiveJob?> _findJob;
    private readonly PresentCounts _present;
    private readonly Store _store;
    private readonly ServerOptions _options;
    private readonly TaskGroup _group;
    private readonly ILogger _log;
    private readonly TimeProvider _time = EventLoop.Current.Time;

    internal AgentDirectory(
        IEnumerable<AgentRow> rows, Func<JobId, LiveJob?> findJob, PresentCounts present, Store store, ServerOptions options, TaskGroup group, ILogger log)
    {
        (_findJob, _present, _store, _options, _group, _log) = (findJob, present, store, options, group, log);
        AddSite(LocalSite);
        foreach (SiteOptions site in options.Sites)
        {
            AddSite(site.Name);
        }

        foreach (AgentRow row in rows)
        {
            AddSite(row.Site);
            _agents[(row.User, row.Site)] = New(row);
        }
    }

    /// <summary>Starts the agents of this machine when they are needed; null where there are none.</summary>
    internal LocalAgents? Local { get; set; }

    /// <summary>Has files removed when their time is over.</summary>
    internal Retention? Retention { get; set; }

    /// <summary>Called with a job that has said how far it is.</summary>
    internal Action<JobInfo>? OnProgress { get; set; }

    /// <summary>All agents.</summary>
    internal IEnumerable<KnownAgent> Agents => _agents.Values;

    /// <summary>All sites.</summary>
    internal IEnumerable<Site> Sites => _sites.Values;

    /// <summary>The site of this name; null when there is none.</summary>
    internal Site? FindSite(string name) => _sites.GetValueOrDefault(name);

    /// <summary>The name of the one agent that acts for a user at a site.</summary>
    internal static string NameOf(string user, string site) => $"{user}@{site}";

    /// <summary>The agent that acts for a user at a site, known to the database or not yet.</summary>
    internal KnownAgent AgentOf(string user, string site)
    {
        if (!_agents.TryGetValue((user, site), out KnownAgent? agent))
        {
            _agents.Add((user, site), agent = New(new AgentRow { Name = NameOf(user, site), User = user, Site = site }));
        }

        return agent;
    }

    /// <summary>The site of this name, made when there is none yet.</summary>
    internal Site AddSite(string name)
    {
        if (!_sites.TryGetValue(name, out Site? site))
        {
            int? cpus = _options.Site(name)?.Cpus ?? (name == LocalSite ? Environment.ProcessorCount : null);
            _sites.Add(name, site = new Site(name, cpus));
        }

        return site;
    }

    /// <summary>The limits that a user's jobs can have at a site: their agent's, or while none is known those of another there.</summary>
    internal IReadOnlyList<string> LimitsAt(string user, string site) =>
        _agents.TryGetValue((user, site), out KnownAgent? agent) && agent.Row.Limits.Count > 0 ? agent.Row.Limits : FindSite(site)?.Limits ?? [];

    /// <summary>A job waits for the agent, or is at it.</summary>
    internal void Need(KnownAgent agent)
    {
        agent.IsWanted = agent.Session is null;
        if (agent.Connection is null)
        {
            Local?.WantFor(agent);
        }
    }

    /// <summary>An agent has connected and said hello: welcomes it, or refuses it with a sentence.</summary>
    internal async Task<ServerMessage> AttachAsync(AgentSession session, string user, string site)
    {
        KnownAgent agent = AgentOf(user, site);
        AgentMessage.Hello hello = session.Hello;
        if (hello.Protocol != AgentProtocol.Version)
        {
            string older = hello.Protocol < AgentProtocol.Version ? "the agent" : "the server";
            return new ServerMessage.Refused(
                $"The agent speaks version {hello.Protocol} of the protocol and the server version {AgentProtocol.Version}: update {older}.");
        }

        if (hello.Cpus is < 1 or > MostCpus || hello.MemoryBytes < 0)
        {
            return new ServerMessage.Refused($"The agent says that it has {hello.Cpus} CPUs and {hello.MemoryBytes} bytes of memory, which cannot be.");
        }

        if (agent.Connection is { } other && other.Hello.Folder != hello.Folder)
        {
            return new ServerMessage.Refused(
                $"Agent '{agent.Name}' is connected already, from {other.Hello.Host} (process {other.Hello.ProcessId}): "
                    + "stop that one, or make a token for another site.");
        }

        agent.Connection?.End("the agent connected anew");
        agent.BecomeAway(_time.GetUtcNow());
        agent.Connection = session;
        WatchAbsence(agent, s_awayUntilUnknown); // It has yet to say what it knows.
        agent.Row = agent.Row with
        {
            Folder = hello.Folder,
            Host = hello.Host,
            UnixUser = hello.UnixUser,
            ProcessId = hello.ProcessId,
            Version = hello.Version,
            Driver = hello.Driver,
            Cpus = hello.Cpus,
            MemoryBytes = hello.MemoryBytes,
            Limits = hello.Limits,
            LastSeenAt = _time.GetUtcNow(),
        };
        await _store.CommitAsync(new Change.AgentSeen(agent.Row));
        LogConnected(agent.Name, hello.Host, hello.ProcessId, hello.Version);
        return new ServerMessage.Welcome
        {
            Version = ServerVersion.Text,
            Agent = agent.Name,
            Connection = session.Id,
            HeartbeatSeconds = _options.Agents.Heartbeat.TotalSeconds,
            IdleSeconds = Local?.IsFor(agent) == true ? _options.Agents.Idle.TotalSeconds : null,
        };
    }

    /// <summary>The connection is over.</summary>
    internal void Detach(AgentSession session, string user, string site)
    {
        session.End("the agent's connection ended");
        KnownAgent agent = AgentOf(user, site);
        if (agent.Connection != session)
        {
            return;
        }

        agent.Connection = null;
        agent.BecomeAway(_time.GetUtcNow());
        agent.Row = agent.Row with { LastSeenAt = _time.GetUtcNow() };
        LogAway(agent.Name);
        if (agent.IsWanted)
        {
            Local?.WantFor(agent); // It was just leaving when somebody needed it.
        }

        if (agent.Jobs.Count > 0)
        {
            Local?.WantFor(agent);
            WatchAbsence(agent, s_awayUntilUnknown);
        }
    }

    /// <summary>After the start of the server: agents that have jobs have some time to come back.</summary>
    internal void ExpectAll()
    {
        foreach (KnownAgent agent in _agents.Values.Where(agent => agent.Jobs.Count > 0))
        {
            Need(agent);
            WatchAbsence(agent, s_awayAfterStart);
        }
    }

    /// <summary>
    /// The server is told to stop: agents of this machine, which nobody needs then, end when they have no jobs. Waits
    /// until they have gone, but not long.
    /// </summary>
    internal async Task DismissLocalAsync()
    {
        var leaving = new List<AgentSession>();
        foreach (KnownAgent agent in _agents.Values.Where(agent => Local?.IsFor(agent) == true))
        {
            if (agent is { Session: { } session, Jobs.Count: 0 })
            {
                agent.BecomeAway(_time.GetUtcNow());
                session.Send(new ServerMessage.Leave());
                leaving.Add(session);
            }
        }

        await CancelScope.MoveOnAfterAsync(
            s_leavesWithin,
            async () =>
            {
                foreach (AgentSession session in leaving)
                {
                    await session.EndedAsync();
                }
            },
            "end of the local agents");
    }

    /// <summary>Handles what a connection has received, in order.</summary>
    internal void Receive(AgentSession session, string user, string site, IReadOnlyList<AgentMessage> messages)
    {
        KnownAgent agent = AgentOf(user, site);
        int named = messages.OfType<AgentMessage.Known>().Sum(known => known.Attempts.Count);
        if (named > AgentProtocol.MaxKnownInMessage)
        {
            session.End($"it names {named:N0} attempts in one message, and may name {AgentProtocol.MaxKnownInMessage:N0}");
        }

        foreach (AgentMessage message in messages)
        {
            if (session.WhyEnded is not null)
            {
                return; // Also when another connection has taken over; what this one tells is told there again, in its order.
            }

            Handle(agent, session, message);
        }
    }

    private void Handle(KnownAgent agent, AgentSession session, AgentMessage message)
    {
        switch (message)
        {
            case AgentMessage.Known or AgentMessage.Ready when session.HasNamedAll:
                session.End("it said before that it had named every attempt");
                break;
            case AgentMessage.Known known:
                Learn(agent, session, known.Attempts);
                break;
            case AgentMessage.Ready:
                BecomeReady(agent, session);
                break;
            case AgentMessage.Started started:
                Deliver(agent, session, started.Attempt, started.Event, new AttemptNews.Started(session, started));
                break;
            case AgentMessage.Ended ended:
                Deliver(agent, session, ended.Attempt, ended.Event, new AttemptNews.Ended(session, ended));
                break;
            case AgentMessage.Progressed progressed when Find(agent, session, progressed.Attempt) is { } job:
                job.Report(progressed, _time.GetUtcNow());
                OnProgress?.Invoke(job.Info);
                break;
            case AgentMessage.OpFailed failed:
                session.Ops.Find(failed.Op)?.Fail(new OpRefusedException(failed.IsNotFound, failed.Message));
                break;
            case AgentMessage.Purged purged:
                Retention?.AreGone(agent, purged.RunDirectories);
                break;
            case AgentMessage.Idle when agent.Jobs.Count == 0 && session.Ops.IsEmpty:
                agent.BecomeAway(_time.GetUtcNow());
                session.Send(new ServerMessage.Leave());
                LogIdle(agent.Name);
                break;
        }
    }

    private void BecomeReady(KnownAgent agent, AgentSession session)
    {
        session.HasNamedAll = true;
        AddSite(agent.Row.Site).Learn(session.Hello);
        agent.BecomeReady(session);
        Retention?.AgentIsReady();
        foreach (LiveJob job in agent.Jobs.Where(job => job.Info.State.WasSent()))
        {
            job.Deliver(job.Folder == session.Hello.Folder
                ? new AttemptNews.ContactRegained(session, session.Known.Contains(job.Attempt))
                : new AttemptNews.ContactLost(
                    $"agent '{agent.Name}' now runs from another folder, on {session.Hello.Host}; the one that was sent the job is away"));
        }

        foreach (AttemptId attempt in session.Known.Where(attempt => Find(agent, session, attempt) is null))
        {
            GiveUp(session, attempt); // It was given up since the agent named it.
        }
    }

    /// <summary>Only what the server has jobs for is remembered: an agent may name as many as it likes, in as many messages.</summary>
    private void Learn(KnownAgent agent, AgentSession session, IReadOnlyList<AttemptId> attempts)
    {
        foreach (AttemptId attempt in attempts)
        {
            if (Find(agent, session, attempt) is null)
            {
                GiveUp(session, attempt);
            }
            else
            {
                session.Known.Add(attempt);
            }
        }
    }

    /// <summary>What the server has given up, or ended without the agent, must not run on. If it has ended this means nothing.</summary>
    private void GiveUp(AgentSession session, AttemptId attempt) =>
        session.Send(new ServerMessage.Stop(attempt, JobLife.GivenUpOrder(_options)));

    private void Deliver(KnownAgent agent, AgentSession session, AttemptId attempt, long number, AttemptNews news)
    {
        if (Find(agent, session, attempt) is { } job)
        {
            if (!job.Deliver(news))
            {
                session.End("there is more news of a job than can be kept"); // On its next connection the agent tells it again.
            }
        }
        else
        {
            session.Acknowledge(number); // The end of this attempt is on disk.
        }
    }

    /// <summary>The job whose attempt this is, when it was sent to this agent; null for those of other users and sites.</summary>
    private LiveJob? Find(KnownAgent agent, AgentSession session, AttemptId attempt) =>
        _findJob(attempt.Job) is { } job && job.Attempt == attempt && job.Folder == session.Hello.Folder
        && job.Info.User == agent.Row.User && job.Info.Spec.Site == agent.Row.Site
            ? job
            : null;

    private void WatchAbsence(KnownAgent agent, TimeSpan patience) => _group.Start(
        async () =>
        {
            DateTimeOffset? since = agent.AwaySince;
            await Coroutine.SleepAsync(patience, $"agent '{agent.Name}' may come back");
            if (agent.Session is null && agent.AwaySince == since)
            {
                foreach (LiveJob job in agent.Jobs.Where(job => job.Info.State.WasSent()))
                {
                    job.Deliver(new AttemptNews.ContactLost($"agent '{agent.Name}' has been away for {Quantities.Duration(patience)}"));
                }
            }
        },
        $"absence of agent '{agent.Name}'");

    private KnownAgent New(AgentRow row)
    {
        KnownAgent agent = null!;
        agent = new KnownAgent(row, _options.Jobs)
        {
            Present = _present,
            HowToStart = () => Local?.IsFor(agent) == true
                ? Local.Situation(agent)
                : $"waiting for an agent of {row.User} at site '{row.Site}': "
                    + $"`drover admin agent --site {row.Site}` makes a token, `drover agent` there starts it",
        };
        return agent;
    }

    [LoggerMessage(LogLevel.Information, "Agent '{Agent}' connected from {Host} (process {ProcessId}, version {Version})")]
    private partial void LogConnected(string agent, string host, int processId, string version);

    [LoggerMessage(LogLevel.Information, "Agent '{Agent}' is away")]
    private partial void LogAway(string agent);

    [LoggerMessage(LogLevel.Information, "Agent '{Agent}' has nothing to do and ends")]
    private partial void LogIdle(string agent);
}
