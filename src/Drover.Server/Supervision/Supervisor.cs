using Drover.Server.Configuration;
using Drover.Server.Storage;
using Drover.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Supervision;

/// <summary>
/// Every job that has not ended, each followed by a coroutine of its own, and what users ask about them. Belongs to the
/// supervision loop: requests come in through <see cref="EventLoop.InvokeAsync(Action, string?, CancellationToken, string, int)"/>.
/// </summary>
internal sealed partial class Supervisor
{
    private readonly Dictionary<JobId, LiveJob> _jobs = [];
    private readonly RecentJobs _recent = new();
    private readonly Succession _submissions = new();
    private readonly Backlog _held = new(mostInLine: 0, job => job.HowToRelease);
    private readonly Store _store;
    private readonly ServerOptions _options;
    private readonly Recorder _recorder;
    private readonly TaskGroup _group;
    private readonly ILogger _log;
    private readonly TimeProvider _time = EventLoop.Current.Time;
    private long _lastId;

    internal Supervisor(Store store, IEnumerable<AgentRow> agents, ServerOptions options, TaskGroup group, ILoggerFactory logs)
    {
        _store = store;
        _options = options;
        _group = group;
        _log = logs.CreateLogger("Drover.Supervisor");
        _recorder = new Recorder(store, _log, Present);
        _lastId = store.LastJobId.Value;
        _endedArrays = new EndedArrays(store);
        _dependencies = new Dependencies(Live, _arrays.GetValueOrDefault, _endedArrays, store);
        Agents = new AgentDirectory(agents, Live, Present, store, options, group, logs.CreateLogger("Drover.Agents"));
        Requests = new RequestKeys(store);
        Agents.Retention = new Retention(store, Agents, _recent, options.Jobs, logs.CreateLogger("Drover.Retention"));
    }

    /// <summary>Sites and agents.</summary>
    internal AgentDirectory Agents { get; }

    /// <summary>How many jobs and agents there are now.</summary>
    internal PresentCounts Present { get; } = new();

    /// <summary>Requests that have an idempotency key.</summary>
    internal RequestKeys Requests { get; }

    /// <summary>How many jobs have not ended.</summary>
    internal int UnfinishedOf(string user) => _jobs.Values.Count(job => job.Info.User == user);

    /// <summary>How many arrays have jobs that have not ended.</summary>
    internal int UnfinishedArrays => _arrays.Count;

    /// <summary>Them.</summary>
    internal IReadOnlyCollection<LiveArray> Arrays => _arrays.Values;

    /// <summary>The job, when it has not ended.</summary>
    internal LiveJob? Live(JobId id) => _jobs.GetValueOrDefault(id);

    /// <summary>From now on agents of this machine are started when they are needed.</summary>
    /// <inheritdoc cref="LocalAgents(Func{string, bool}, Func{string, Task{int}}, Func{string, string}, TaskGroup, ILogger)"/>
    internal void RunLocalAgents(Func<string, bool> isFor, Func<string, Task<int>> start, Func<string, string> logFile) =>
        Agents.Local = new LocalAgents(isFor, start, logFile, _group, _log);

    /// <summary>As <see cref="RunLocalAgents"/>, of one user.</summary>
    internal void RunLocalAgent(string user, Func<Task<int>> start, string logFile) =>
        RunLocalAgents(other => other == user, _ => start(), _ => logFile);

    /// <summary>Takes up what had not ended when the server was last stopped, however that was.</summary>
    internal async Task ResumeAsync(IReadOnlyList<JobRow> unfinished)
    {
        await _store.CommitAsync([.. unfinished.Where(row => row.State.WasSent()).Select(Resumed)]);
        foreach (ArrayStanding standing in await _store.UnfinishedArraysAsync())
        {
            _arrays.Add(standing.Array.Id, new LiveArray(standing, ArrayRows.IndicesOf(standing.Array), _options.Jobs.MostInLineOfArray));
        }

        foreach (JobRow row in unfinished.OrderByDescending(row => row.State.WasSent())) // These hold CPUs already.
        {
            var job = new LiveJob(row.Show(), row.Folder, row.Cancel) { Array = row.Array is { } array ? _arrays[array] : null };
            job.Array?.Add(job);
            Follow(job);
        }

        foreach (LiveArray array in _arrays.Values)
        {
            Gate(array);
        }

        Agents.ExpectAll();
        _group.Start(Requests.ForgetAsync, "answers to requests");
        _group.Start(Agents.Retention!.RunAsync, "retention of files");
    }

    /// <summary>Accepts jobs, all or none. When this returns they are on disk, and will not be lost.</summary>
    /// <param name="caller">Whose they are.</param>
    /// <param name="wanted">What to run.</param>
    /// <param name="record">Makes the record of the answer that belongs to the commit; see <see cref="RequestKeys.OnceAsync"/>.</param>
    /// <exception cref="RequestRefusedException">One cannot be run; nothing was changed.</exception>
    /// <exception cref="StorageException">They could not be stored; nothing was changed.</exception>
    internal async Task<SubmittedJobs> SubmitAsync(
        Caller caller, IReadOnlyList<JobSpec> wanted, Func<SubmittedJobs, IReadOnlyList<Change>> record)
    {
        JobSpec[] specs = [.. wanted.Select(spec => Complete(caller, spec))];
        await _dependencies.CheckAsync(caller, specs);
        JobRow?[] earlier = await EarlierAsync(caller, specs);
        await CheckInputsAsync(caller, specs.Where((_, index) => earlier[index] is null));
        Submission submission = NewSubmission(caller);
        JobRow[] reused = [.. earlier.OfType<JobRow>().DistinctBy(job => job.Id)];
        var answer = new SubmittedJobs
        {
            Jobs = [.. specs.Zip(earlier, (spec, job) => job?.Id ?? submission.Add(spec).Id)],
            Reused = reused.Length == 0 ? null : reused.Select(job => job.Id).ToHashSet(),
        };
        await AcceptAsync(submission, [.. reused.Select(job => GivenAgain(caller, job)), .. record(answer)]);
        return answer;
    }

    /// <inheritdoc cref="SubmitAsync(Caller, IReadOnlyList{JobSpec}, Func{SubmittedJobs, IReadOnlyList{Change}})"/>
    /// <returns>The jobs as they are now.</returns>
    internal async Task<Keyed<IReadOnlyList<JobInfo>>> SubmitAsync(Caller caller, IReadOnlyList<JobSpec> wanted, RequestKey? key)
    {
        Keyed<SubmittedJobs> submitted = await Requests.OnceAsync(
            caller, key, AnswerJson.Default.SubmittedJobs, record => SubmitAsync(caller, wanted, record));
        var jobs = new List<JobInfo>(submitted.Answer.Jobs.Count);
        foreach (JobId id in submitted.Answer.Jobs)
        {
            jobs.Add(await FindAsync(caller, id) with { IsReused = submitted.Answer.Reused?.Contains(id) == true });
        }

        return new Keyed<IReadOnlyList<JobInfo>>(jobs, submitted.IsReplay);
    }

    /// <inheritdoc cref="SubmitAsync(Caller, IReadOnlyList{JobSpec}, RequestKey?)"/>
    internal async Task<JobInfo> SubmitAsync(Caller caller, JobSpec wanted) => (await SubmitAsync(caller, [wanted], key: null)).Answer[0];

    /// <summary>Asks for a job's end. When this returns the request is on disk; a job that has ended is not changed.</summary>
    /// <exception cref="RequestRefusedException">There is no such job of this user.</exception>
    /// <exception cref="StorageException">It could not be stored; nothing was changed.</exception>
    internal async Task<JobInfo> CancelAsync(Caller caller, JobId id, CancelRequest request)
    {
        CancelRules.Check(request);
        while (await LiveAsync(caller, id) is { } job)
        {
            var order = new StopOrder(caller.User, request.Why, Grace(request, job.Info.Spec));
            long revision = job.NextRevision(_time.GetUtcNow());
            try
            {
                await _store.CommitAsync(new Change.CancelRequested(
                    id, job.Info.Attempt, order, Event(job.Info, JobEventKind.CancelRequested, caller.User, CancelRules.Cause(request)), revision));
            }
            catch (StorageException e) when (e.Failure == StorageFailure.Refused)
            {
                await Coroutine.YieldAsync(); // It has ended meanwhile: its true ending stays. Or its next attempt has begun.
                continue;
            }

            Tell(job, order, revision);
            return job.Show();
        }

        return await FindAsync(caller, id);
    }

    /// <summary>A job of this user while it has not ended; null when it has.</summary>
    /// <exception cref="RequestRefusedException">There is none.</exception>
    private async Task<LiveJob?> LiveAsync(Caller caller, JobId id)
    {
        while (true)
        {
            if ((await FindAsync(caller, id)).State.IsOver())
            {
                return null;
            }

            if (Live(id) is { } job)
            {
                return job;
            }

            await Coroutine.YieldAsync(); // It was accepted just now, and is about to be followed.
        }
    }

    /// <summary>A job of this user.</summary>
    /// <exception cref="RequestRefusedException">There is none.</exception>
    internal async Task<JobInfo> FindAsync(Caller caller, JobId id)
    {
        if (Live(id) is { } live)
        {
            return caller.MayTouch(live.Info.User) ? live.Show() : throw RequestRefusedException.NoSuchJob(id);
        }

        if (_recent.Find(id) is not { } job)
        {
            job = await _store.JobAsync(id) is { } row ? Shown(row)
                : await FindArrayOrNullAsync(caller, id) is { } array ? throw RequestRefusedException.IsArray(array)
                : throw RequestRefusedException.NoSuchJob(id);
        }

        return caller.MayTouch(job.User) ? job : throw RequestRefusedException.NoSuchJob(id);
    }

    /// <summary>What to say of files that were removed: when, and why.</summary>
    internal async Task<RequestRefusedException> PurgedAsync(JobInfo job)
    {
        JobEvent? purged = (await _store.EventsAsync(job.Id)).LastOrDefault(e => e.Kind == JobEventKind.Purged);
        return new RequestRefusedException(
            "purged", $"The files of job {job.Id} were removed at {job.PurgedAt:yyyy-MM-dd HH:mm:ss} UTC: {purged?.Cause ?? "their time was over"}.");
    }

    /// <summary>Waits until <paramref name="isEnough"/> is true of the job, at most so long, and returns it as it is then.</summary>
    /// <exception cref="RequestRefusedException">There is no such job of this user.</exception>
    internal async Task<JobInfo> WaitAsync(Caller caller, JobId id, TimeSpan time, Func<JobInfo, bool> isEnough)
    {
        JobInfo first = await FindAsync(caller, id);
        if (isEnough(first) || first.State.IsOver() || Live(id) is not { } job)
        {
            return first;
        }

        await CancelScope.MoveOnAfterAsync(
            time,
            async () =>
            {
                while (!isEnough(job.Info) && !job.Info.State.IsOver())
                {
                    await job.ChangedAsync();
                }
            },
            $"change of job {id}");
        return job.Show();
    }

    /// <summary>Rows of the database as they are now: with the situation of those that have not ended.</summary>
    internal IReadOnlyList<JobInfo> Show(IEnumerable<JobRow> rows) => [.. rows.Select(Shown)];

    private static JobEvent Event(JobInfo job, JobEventKind kind, string actor, string cause, DateTimeOffset at) => new()
    {
        Sequence = 0, // Given by the store.
        At = at,
        Attempt = job.Attempt,
        Kind = kind,
        State = job.State,
        Actor = actor,
        Cause = cause,
    };

    /// <summary>Tells a job of an order to cancel it, which is on disk.</summary>
    private static void Tell(LiveJob job, StopOrder order, long revision)
    {
        job.Update(job.Info with { CancelRequestedBy = order.By, Revision = Math.Max(revision, job.Info.Revision + 1) });
        job.RequestCancel(order);
    }

    private double Grace(CancelRequest request, JobSpec spec) =>
        request.GraceSeconds ?? spec.GraceSeconds ?? _options.Jobs.Grace.TotalSeconds;

    private JobSpec Complete(Caller caller, JobSpec spec) => SubmitRules.Complete(
        spec, Agents.FindSite(spec.Site), Agents.LimitsAt(caller.User, spec.Site), _options, Agents.Sites.Select(site => site.Name));

    private Submission NewSubmission(Caller caller) => new(caller, _time.GetUtcNow(), () => new JobId(++_lastId), _options.Jobs);

    /// <summary>Stores what is submitted together with the record of the answer, then follows it.</summary>
    private async Task AcceptAsync(Submission submission, IReadOnlyList<Change> record)
    {
        using Succession.Turn turn = _submissions.Draw();
        await _store.CommitAsync([.. submission.Changes, .. record]);
        await turn.ComeAsync(); // Jobs stand in line in the order of their numbers.
        foreach (LiveArray array in submission.Arrays)
        {
            _arrays.Add(array.Id, array);
        }

        foreach (LiveJob job in submission.Jobs)
        {
            Follow(job);
            ServerMetrics.Submitted(job.Info);
        }

        foreach (LiveArray array in submission.Arrays)
        {
            Gate(array);
        }

        foreach ((string user, string site) in submission.Jobs.Select(job => (job.Info.User, job.Info.Spec.Site)).Distinct())
        {
            Agents.Need(Agents.AgentOf(user, site));
        }
    }

    private JobEvent Event(JobInfo job, JobEventKind kind, string actor, string cause) => Event(job, kind, actor, cause, _time.GetUtcNow());

    private JobInfo Shown(JobRow row) => Live(row.Id)?.Show() ?? row.Show();

    private Change.JobNoted Resumed(JobRow row) => new(row.Id, Event(
        row.Show(), JobEventKind.Resumed, "drover", $"the server was started again; it was {row.State.ToString().ToLowerInvariant()} when that ended"));

    /// <summary>Follows a job, which is on disk, until its end is: from now on, or when it has come closer to its turn.</summary>
    private void Follow(LiveJob job)
    {
        KnownAgent agent = Agents.AgentOf(job.Info.User, job.Info.Spec.Site);
        _jobs.Add(job.Id, job);
        Present.Followed(job.Info);
        agent.Jobs.Add(job);
        if (job.Info is { State: JobState.Queued, Array: null, NextAttemptAt: null, Spec: { Hold: false, After: null or [] } })
        {
            Agents.AddSite(job.Info.Spec.Site).RunDirectories.Enter(job); // What else it waits for, those after it wait for, too.
        }

        Enter(job);
    }

    /// <summary>Puts a job in the line where it waits to be followed, or follows it when there is no need to wait.</summary>
    private void Enter(LiveJob job)
    {
        if (job.Array?.Gate is { } gate)
        {
            gate.Enter(job, Begin);
        }
        else if (job.Array?.IsShut == true)
        {
            Begin(job); // It finds for itself that what it comes after cannot happen.
        }
        else if (job.Info.Spec.Hold)
        {
            _held.Enter(job, HeldNoMore);
        }
        else
        {
            (job.Array?.Backlog ?? Agents.AgentOf(job.Info.User, job.Info.Spec.Site).Backlog).Enter(job, Begin);
        }
    }

    /// <summary>Something about a held job was changed: released it stands in line, else it is followed.</summary>
    private void HeldNoMore(LiveJob job)
    {
        if (job.Info.Spec.Hold)
        {
            Begin(job);
        }
        else
        {
            Enter(job);
        }
    }

    private void Begin(LiveJob job)
    {
        Site site = Agents.AddSite(job.Info.Spec.Site);
        KnownAgent agent = Agents.AgentOf(job.Info.User, job.Info.Spec.Site);

        // What flows with the request that submitted it would be kept for as long as the job lives.
        using AsyncFlowControl? flow = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        var life = new JobLife(job, site, agent, _dependencies, _recorder, _options);
        _group.Start(
            async () =>
            {
                try
                {
                    while (await life.RunAsync())
                    {
                        life = new JobLife(job, site, agent, _dependencies, _recorder, _options); // One for each attempt.
                    }
                }
                catch (Exception e) when (e is not ScopeCanceledException)
                {
                    job.Trouble = $"a bug of the server keeps it from following this job: {e.Message} Restart the server to have it taken up again";
                    throw;
                }

                Forget(job);
            },
            $"job {job.Id}");
    }

    /// <summary>A job has ended, and that is on disk.</summary>
    private void Forget(LiveJob job)
    {
        Agents.AddSite(job.Info.Spec.Site).RunDirectories.Leave(job);
        _jobs.Remove(job.Id);
        _recent.Add(job.Info);
        if (job.Array is { IsOver: true } array && _arrays.Remove(array.Id))
        {
            _endedArrays.Add(array.Standing());
        }

        Agents.AgentOf(job.Info.User, job.Info.Spec.Site).Jobs.Remove(job);
    }
}
