using Drover.Server.Configuration;

namespace Drover.Server.Supervision;

/// <summary>The life of one attempt, from its acceptance to its end.</summary>
internal sealed class JobLife(LiveJob job, Site site, KnownAgent agent, Recorder recorder, ServerOptions options)
{
    private readonly TimeProvider _time = EventLoop.Current.Time;
    private readonly JobRecord _record = new(job, agent, recorder);
    private DateTimeOffset? _unknownSince;

    /// <summary>
    /// The whole life. After a restart of the server it is entered again, at the stage that was recorded. Canceling the
    /// scope ends it without a trace (the server stops): the attempt goes on, and is taken up at the next start.
    /// </summary>
    internal async Task RunAsync()
    {
        bool wasSent = job.Info.State.WasSent();
        Outcome<Placement> placed = wasSent ? new Outcome<Placement>(KeepPlace()) : await WaitForPlaceAsync();
        if (placed.IsCanceled)
        {
            await _record.EndedAsync(NotSent(job.Cancel!), isSeenByAgent: false);
            return;
        }

        Outcome<AttemptNews.Ended> followed;
        using (Placement place = placed.Value)
        {
            job.ListenToNews();
            if (!wasSent && !await SendAsync(place.Session!))
            {
                return;
            }

            followed = await FollowAsync(place);
        } // Its process is gone: CPUs and run directory are free before the disk has answered.

        if (followed.IsCanceled)
        {
            await _record.EndedAsync(GivenUp(), isSeenByAgent: false);
            return;
        }

        await _record.EndedAsync(followed.Value.Message.End, isSeenByAgent: true);
        followed.Value.From.Acknowledge(followed.Value.Message.Event);
    }

    /// <summary>Waits for what the attempt needs. Canceled when the job is; then nothing is held.</summary>
    private async Task<Outcome<Placement>> WaitForPlaceAsync()
    {
        Outcome<Placement> placed = await CancelScope.RunAsync(
            async scope =>
            {
                job.Waiting = scope;
                if (job.Cancel is not null)
                {
                    scope.Cancel("the job was canceled");
                }

                return await TakePlaceAsync();
            },
            name: $"place for job {job.Id}");
        job.Waiting = null;
        job.WaitsFor(null);
        return placed;
    }

    /// <summary>Takes in one fixed order: the run directory, the CPUs, the right to have a start pending at the agent.</summary>
    private async Task<Placement> TakePlaceAsync()
    {
        await AgentIsReadyAsync();
        IDisposable? directory = await site.RunDirectories.AcquireAsync(job);
        CpuLease? cpus = null;
        try
        {
            while (true)
            {
                cpus = await site.Cpus.AcquireAsync(job);
                SlotLease op = await agent.StartSlotAsync(job.Id);
                if (agent.Session is { } session)
                {
                    return new Placement(session, directory, cpus, op);
                }

                op.Dispose();
                cpus.Dispose(); // The agent went away meanwhile: other jobs need not wait for it.
                await AgentIsReadyAsync();
            }
        }
        catch
        {
            cpus?.Dispose();
            directory?.Dispose();
            throw;
        }
    }

    private async Task AgentIsReadyAsync()
    {
        job.WaitsFor(agent.HowToStart);
        await agent.ReadyAsync();
        job.WaitsFor(null);
    }

    /// <summary>The server was restarted: whatever the attempt held, it holds.</summary>
    private Placement KeepPlace() =>
        new(session: null, site.RunDirectories.TakeForRunning(job), site.Cpus.TakeForRunning(job), op: null);

    /// <summary>Records that it is sent, then sends it. False when it was canceled before it was sent, and has ended.</summary>
    private async Task<bool> SendAsync(AgentSession session)
    {
        if (job.Cancel is null)
        {
            await _record.DispatchedAsync(session);
        }

        if (job.Cancel is { } order)
        {
            await _record.EndedAsync(NotSent(order), isSeenByAgent: false);
            return false;
        }

        switch (agent.Session)
        {
            case { } same when same == session:
                session.Send(new ServerMessage.Run(Order()));
                break;
            case { } other when other.Hello.Folder == job.Folder: // It connected anew while the disk was busy.
                job.Deliver(new AttemptNews.ContactRegained(other, other.Known.Contains(job.Attempt)));
                break;
            default:
                job.Deliver(new AttemptNews.ContactLost($"agent '{agent.Name}' went away while the job was about to be sent"));
                break;
        }

        return true;
    }

    /// <summary>
    /// Follows an attempt that may have been sent until its end is known. Canceled when nothing was heard of it for as
    /// long as is configured.
    /// </summary>
    private async Task<Outcome<AttemptNews.Ended>> FollowAsync(Placement place)
    {
        while (true)
        {
            Outcome<AttemptNews> heard = await NextNewsAsync();
            if (heard.IsCanceled)
            {
                return Outcome<AttemptNews.Ended>.Canceled(heard.Reason!);
            }

            switch (heard.Value)
            {
                case AttemptNews.Started started:
                    place.EndOp();
                    await _record.StartedAsync(started, endFollows: job.PeekNews() is AttemptNews.Ended);
                    break;
                case AttemptNews.Ended ended:
                    return new Outcome<AttemptNews.Ended>(ended);
                case AttemptNews.CancelRequested:
                    agent.Session?.Send(StopMessage());
                    break;
                case AttemptNews.ContactLost lost when job.Info.State != JobState.Unknown:
                    place.EndOp();
                    await _record.ContactLostAsync(lost.Why);
                    break;
                case AttemptNews.ContactRegained { IsKnown: true } regained:
                    await RegainAsync(regained.Session);
                    break;
                case AttemptNews.ContactRegained regained when job.Info.StartedAt is null:
                    await _record.SentAgainAsync(regained.Session);
                    regained.Session.Send(job.Cancel is null ? new ServerMessage.Run(Order()) : StopMessage());
                    break;
                case AttemptNews.ContactRegained regained:
                    return new Outcome<AttemptNews.Ended>(RecordIsGone(regained.Session));
            }
        }
    }

    private async Task<Outcome<AttemptNews>> NextNewsAsync()
    {
        if (job.PeekNews() is null)
        {
            job.WaitsFor(Situation);
        }

        string situation = $"news of attempt {job.Attempt} from agent '{agent.Name}'";
        _unknownSince = job.Info.State == JobState.Unknown ? _unknownSince ?? _time.GetUtcNow() : null;
        Outcome<AttemptNews> heard = _unknownSince is { } since
            ? await CancelScope.MoveOnAfterAsync(since + options.Agents.LostAfter - _time.GetUtcNow(), () => job.NextNewsAsync(situation))
            : new Outcome<AttemptNews>(await job.NextNewsAsync(situation));
        job.WaitsFor(null);
        return heard;
    }

    /// <summary>The agent is back with a record of the attempt: it will say what became of it.</summary>
    private async Task RegainAsync(AgentSession session)
    {
        if (job.Info.State == JobState.Unknown)
        {
            await _record.ContactRegainedAsync(session);
        }

        if (job.Cancel is not null)
        {
            session.Send(StopMessage());
        }
    }

    private string? Situation()
    {
        if (agent.Session is not null)
        {
            return job.Cancel is { } order
                ? $"being canceled: SIGTERM first, SIGKILL {Quantities.Duration(TimeSpan.FromSeconds(order.GraceSeconds))} later"
                : null;
        }

        string since = agent.AwaySince is { } away ? $"away since {away:yyyy-MM-dd HH:mm:ss} UTC" : "not back since the server was started";
        return $"agent '{agent.Name}' is {since}; {agent.HowToStart()}";
    }

    private ServerMessage.Stop StopMessage() => new(job.Attempt, job.Cancel!);

    private RunOrder Order() => new()
    {
        Attempt = job.Attempt,
        RunDirectory = job.RunDirectory,
        Spec = job.Info.Spec,
        GraceSeconds = job.Info.Spec.GraceSeconds ?? options.Jobs.Grace.TotalSeconds,
    };

    private AttemptEnd NotSent(StopOrder order) =>
        End(new Ending.Canceled(order.By, order.Why), "it had not been sent to its agent");

    private AttemptEnd GivenUp() => End(
        new Ending.Lost($"nothing was heard of it for {Quantities.Duration(options.Agents.LostAfter)}"),
        $"agent '{agent.Name}' did not come back; the job may have run on, or still run");

    private AttemptNews.Ended RecordIsGone(AgentSession session) => new(session, new AgentMessage.Ended(0, job.Attempt, End(
        new Ending.Lost($"agent '{agent.Name}' has no record of it any more"),
        $"agent '{agent.Name}' on {session.Hello.Host} had said that it runs, and now does not name it among those it has records of")));

    private AttemptEnd End(Ending ending, string evidence) => new() { Ending = ending, At = _time.GetUtcNow(), Evidence = evidence };
}
