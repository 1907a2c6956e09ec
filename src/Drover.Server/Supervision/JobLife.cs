using Drover.Server.Configuration;

namespace Drover.Server.Supervision;

/// <summary>The life of one attempt, from its acceptance to its end.</summary>
internal sealed class JobLife(
    LiveJob job, Site site, KnownAgent agent, Dependencies dependencies, Recorder recorder, ServerOptions options)
{
    /// <summary>The number of an end that no agent has told.</summary>
    private const long Concluded = 0;

    private readonly TimeProvider _time = EventLoop.Current.Time;
    private readonly JobRecord _record = new(job, agent, recorder);

    /// <summary>
    /// Taken when the life is made, before any other job comes to its turn: whatever an attempt held that had been sent
    /// before the server was restarted, it holds.
    /// </summary>
    private readonly Placement? _kept = job.Info.State.WasSent() ? Keep(job, site) : null;
    private long? _unknownSince;

    /// <summary>
    /// The whole life. After a restart of the server it is entered again, at the stage that was recorded. Canceling the
    /// scope ends it without a trace (the server stops): the attempt goes on, and is taken up at the next start.
    /// </summary>
    /// <returns>Whether another attempt follows: the job is queued again.</returns>
    internal async Task<bool> RunAsync()
    {
        if (_kept is null && await WhyNeverAsync() is { } why)
        {
            await _record.EndedAsync(NotSent(new Ending.Canceled(DependencyRules.Drover, why), _time.GetUtcNow()), isSeenByAgent: false);
            return false;
        }

        Outcome<Placement> placed = _kept is null ? await WaitForPlaceAsync() : new Outcome<Placement>(_kept);
        if (placed.IsCanceled)
        {
            return await SettleAsync(NotSent(job.Cancel!, _time.GetUtcNow()), isSeenByAgent: false);
        }

        Outcome<AttemptNews.Ended> followed;
        using (Placement place = placed.Value)
        {
            job.ListenToNews();
            if (_kept is null && !await SendAsync(place.Session!))
            {
                return false;
            }

            followed = await FollowAsync(place);
        } // Its process is gone: CPUs and run directory are free before the disk has answered.

        if (followed.IsCanceled)
        {
            return await SettleAsync(GivenUp(), isSeenByAgent: false);
        }

        bool isTriedAgain = await SettleAsync(followed.Value.Message.End, isSeenByAgent: followed.Value.Message.Event != Concluded);
        followed.Value.From.Acknowledge(followed.Value.Message.Event);
        return isTriedAgain;
    }

    /// <summary>
    /// Records the end: as the job's, or as that of one attempt, when another one is to follow. None follows one that may
    /// still run: a job never runs twice at the same time.
    /// </summary>
    private async Task<bool> SettleAsync(AttemptEnd end, bool isSeenByAgent)
    {
        DateTimeOffset now = _time.GetUtcNow();
        bool isTriedAgain = job.Cancel is null && !end.MayRun && Retries.IsTriedAgain(job.Info, end.Ending);
        if (isTriedAgain)
        {
            TimeSpan delay = job.Info.Spec.Retry!.DelayAfter(job.Info.Attempt);
            await _record.RetriedAsync(end, isSeenByAgent, now + delay, Retries.Story(job.Info, end.Ending, delay));
        }
        else
        {
            await _record.EndedAsync(end, isSeenByAgent);
        }

        foreach (AttemptNews news in job.EndNews())
        {
            news.Acknowledge(); // What an agent that connected anew meanwhile has told again: it is on disk.
            if (end.MayRun && news is AttemptNews.ContactRegained { IsKnown: true } back)
            {
                back.Session.Send(new ServerMessage.Stop(job.Attempt, GivenUpOrder(options))); // It came back too late.
            }
        }

        return isTriedAgain;
    }

    /// <summary>
    /// Waits for the jobs that come before it. Returns null then, and when it is canceled; the reason when it can never
    /// start because of them.
    /// </summary>
    private async Task<string?> WhyNeverAsync() =>
        job.Info is { Attempt: 1, Spec.After: { Count: > 0 } after } && job.Array?.IsOpen != true
        && (await WaitAsync(() => dependencies.MetAsync($"job {job.Id}", after, job.WaitsFor), "dependencies of")).TryGetValue(out string? why)
            ? why : null;

    /// <summary>Waits for what the attempt needs. Canceled when the job is; then nothing is held.</summary>
    private Task<Outcome<Placement>> WaitForPlaceAsync() => WaitAsync(ReachPlaceAsync, "place for");

    /// <summary>Waits until the job is canceled.</summary>
    private async Task<Outcome<T>> WaitAsync<T>(Func<Task<T>> body, string what)
    {
        Outcome<T> waited = await CancelScope.RunAsync(
            async scope =>
            {
                job.Waiting = scope;
                if (job.Cancel is not null)
                {
                    scope.Cancel("the job was canceled");
                }

                return await body();
            },
            name: $"{what} job {job.Id}");
        job.Waiting = null;
        job.WaitsFor(null);
        return waited;
    }

    /// <summary>Waits until it may start, then takes its place. Held meanwhile, it leaves what it has and begins anew.</summary>
    private async Task<Placement> ReachPlaceAsync()
    {
        while (true)
        {
            await ReleasedAsync();
            await BackedOffAsync();
            Outcome<Placement?> placed = await CancelScope.RunAsync(
                async scope =>
                {
                    job.Placing = scope;
                    return job.Info.Spec.Hold ? null : await TakePlaceAsync();
                },
                name: $"queues for job {job.Id}");
            job.Placing = null;
            if (placed.TryGetValue(out Placement? place) && place is not null)
            {
                return place;
            }

            site.RunDirectories.Leave(job);
        }
    }

    /// <summary>
    /// Takes in one fixed order: the place in its array, the run directory, the CPUs, the right to have a start pending at
    /// the agent. Null when it is held by now; then nothing is taken.
    /// </summary>
    private async Task<Placement?> TakePlaceAsync()
    {
        IDisposable? place = null;
        IDisposable? directory = null;
        CpuLease? cpus = null;
        SlotLease? op = null;
        try
        {
            place = job.Array is { } array ? await array.AcquirePlaceAsync(job) : null;
            await AgentIsReadyAsync();
            directory = await site.RunDirectories.AcquireAsync(job);
            while (true)
            {
                cpus = await site.Cpus.AcquireAsync(job);
                op = await agent.StartSlotAsync(job.Id);
                await job.UnchangedAsync();
                if (job.Info.Spec.Hold)
                {
                    break;
                }

                if (agent.Session is { } session)
                {
                    job.IsLeaving = true; // From now on what is asked for does not change.
                    return new Placement(session, place, directory, cpus, op);
                }

                op.Dispose();
                cpus.Dispose(); // The agent went away meanwhile: other jobs need not wait for it.
                await AgentIsReadyAsync();
            }
        }
        catch
        {
            GiveBack(op, cpus, directory, place);
            throw;
        }

        GiveBack(op, cpus, directory, place);
        return null;
    }

    private static void GiveBack(params ReadOnlySpan<IDisposable?> taken)
    {
        foreach (IDisposable? lease in taken)
        {
            lease?.Dispose();
        }
    }

    private async Task ReleasedAsync()
    {
        job.WaitsFor(() => job.HowToRelease);
        while (job.Info.Spec.Hold)
        {
            await job.ChangedAsync();
        }

        job.WaitsFor(null);
    }

    /// <summary>Waits until it is time for another attempt.</summary>
    private async Task BackedOffAsync()
    {
        if (job.Info.NextAttemptAt is { } time)
        {
            DateTimeOffset now = _time.GetUtcNow();
            TimeSpan delay = job.Info.Spec.Retry!.DelayAfter(job.Info.Attempt - 1);
            TimeSpan pause = time - now < delay ? time - now : delay; // Not longer when the clock was set back.
            job.WaitsFor(() => $"waiting until {now + pause:yyyy-MM-dd HH:mm:ss} UTC for {Retries.Place(job.Info)}");
            if (pause > TimeSpan.Zero)
            {
                await Coroutine.SleepAsync(pause, "the time for another attempt");
            }

            job.WaitsFor(null);
            job.Update(job.Info with { NextAttemptAt = null });
        }
    }

    private async Task AgentIsReadyAsync()
    {
        job.WaitsFor(agent.HowToStart);
        await agent.ReadyAsync();
        job.WaitsFor(null);
    }

    private static Placement Keep(LiveJob job, Site site) =>
        new(session: null, job.Array?.TakePlaceForRunning(), site.RunDirectories.TakeForRunning(job), site.Cpus.TakeForRunning(job), op: null);

    /// <summary>Records that it is sent, then sends it. False when it was canceled before it was sent, and has ended.</summary>
    private async Task<bool> SendAsync(AgentSession session)
    {
        if (job.Cancel is null)
        {
            await _record.DispatchedAsync(session);
        }

        if (job.Cancel is { } order)
        {
            return await SettleAsync(NotSent(order, _time.GetUtcNow()), isSeenByAgent: false);
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
        _unknownSince = job.Info.State == JobState.Unknown ? _unknownSince ?? _time.GetTimestamp() : null; // Also when the clock is set.
        Outcome<AttemptNews> heard = _unknownSince is { } since
            ? await CancelScope.MoveOnAfterAsync(options.Agents.LostAfter - _time.GetElapsedTime(since), () => job.NextNewsAsync(situation))
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

    /// <summary>What has been given up must not run on when its agent is back.</summary>
    internal static StopOrder GivenUpOrder(ServerOptions options) =>
        new("drover", "its end had been recorded while the agent was away", options.Jobs.Grace.TotalSeconds);

    private string? Situation()
    {
        if (agent.Session is not null)
        {
            return job.AgentsTrouble ?? (job.Cancel is { } order
                ? $"being canceled: SIGTERM first, SIGKILL {Quantities.Duration(TimeSpan.FromSeconds(order.GraceSeconds))} later"
                : job.Info is { State: JobState.Starting, Spec.Inputs: not null } ? $"fetching inputs{(job.InputsSent is { } sent && sent.Attempt == job.Attempt ? $", {sent}" : "")}: agent '{agent.Name}' lays them out"
                : null);
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
        Array = job.Info.Array,
        TraceParent = job.Info.TraceParent,
    };

    /// <summary>The end of one that was canceled before it was sent.</summary>
    internal static AttemptEnd NotSent(Ending.Canceled ending, DateTimeOffset now) => new()
    {
        Ending = ending,
        At = now,
        Evidence = "it had not been sent to its agent",
    };

    private static AttemptEnd NotSent(StopOrder order, DateTimeOffset now) => NotSent(new Ending.Canceled(order.By, order.Why), now);

    private AttemptEnd GivenUp() => End(
        new Ending.Lost($"nothing was heard of it for {Quantities.Duration(options.Agents.LostAfter)}"),
        $"agent '{agent.Name}' did not come back; the job may have run on, or still run") with
    { MayRun = true };

    private AttemptNews.Ended RecordIsGone(AgentSession session) => new(session, new AgentMessage.Ended(Concluded, job.Attempt, End(
        new Ending.Lost($"agent '{agent.Name}' has no record of it any more"),
        $"agent '{agent.Name}' on {session.Hello.Host} had said that it runs, and now does not name it among those it has records of; whether it still runs is not known") with
    { MayRun = true }));

    private AttemptEnd End(Ending ending, string evidence) => new() { Ending = ending, At = _time.GetUtcNow(), Evidence = evidence };
}
