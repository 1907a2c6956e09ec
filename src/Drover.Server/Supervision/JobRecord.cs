using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <summary>
/// Records the facts of one attempt's life: each changes the state, is on disk with its line of the audit trail when the
/// method returns, and only then shows in memory.
/// </summary>
internal sealed class JobRecord(LiveJob job, KnownAgent agent, Recorder recorder)
{
    private readonly TimeProvider _time = EventLoop.Current.Time;
    private Change.JobMoved? _held;
    private AttemptNews.Started? _heldNews;
    private JobInfo? _heldInfo;

    private JobInfo Present => _heldInfo ?? job.Info;

    /// <summary>It has its place, and is about to be sent: from now on it may run.</summary>
    internal async Task DispatchedAsync(AgentSession session)
    {
        string host = session.Hello.Host;
        JobInfo next = Present with { State = JobState.Starting, Agent = agent.Name };
        JobEvent what = Event(
            JobEventKind.Dispatched, next.State, "drover", $"it got {Cpus} and goes to agent '{agent.Name}' on {host}");
        await RecordAsync(next, Move(next, what) with { Agent = agent.Name, Folder = session.Hello.Folder });
        job.Folder = session.Hello.Folder;
    }

    /// <summary>
    /// Its process runs. When its end is known as well (<paramref name="endFollows"/>), this is kept back and goes to disk
    /// with that: programs that end at once then cost one commit less.
    /// </summary>
    internal async Task StartedAsync(AttemptNews.Started news, bool endFollows)
    {
        if (Present.State is JobState.Running)
        {
            news.From.Acknowledge(news.Message.Event); // An agent that was restarted says it again.
            return;
        }

        AgentMessage.Started said = news.Message;
        JobInfo next = Present with { State = JobState.Running, StartedAt = said.At, ProcessId = said.ProcessId };
        JobEvent what = Event(
            JobEventKind.Started, next.State, Agent, $"process {said.ProcessId} runs", $"pid {said.ProcessId} on {news.From.Hello.Host}", said.At);
        Change.JobMoved change = Move(next, what) with { ProcessId = said.ProcessId, StartedAt = said.At };
        if (endFollows)
        {
            (_held, _heldNews, _heldInfo) = (change, news, next);
            return;
        }

        await RecordAsync(next, change);
        news.From.Acknowledge(said.Event);
    }

    /// <summary>Its agent has been away for a while: whether it runs is not known.</summary>
    internal Task ContactLostAsync(string why)
    {
        JobInfo next = Present with { State = JobState.Unknown };
        return RecordAsync(next, Move(next, Event(JobEventKind.ContactLost, next.State, "drover", why)));
    }

    /// <summary>Its agent is back and has a record of it.</summary>
    internal Task ContactRegainedAsync(AgentSession session)
    {
        JobInfo next = Present with { State = Present.StartedAt is null ? JobState.Starting : JobState.Running };
        return RecordAsync(next, Move(next, Event(
            JobEventKind.ContactRegained, next.State, Agent, $"agent '{agent.Name}' on {session.Hello.Host} is back and has a record of it")));
    }

    /// <summary>Its agent is back and never started it: it is sent again.</summary>
    internal Task SentAgainAsync(AgentSession session)
    {
        JobInfo next = Present with { State = JobState.Starting };
        JobEvent what = Event(
            JobEventKind.Dispatched, next.State, "drover", $"it is sent again: agent '{agent.Name}' on {session.Hello.Host} never started it");
        return next.State == Present.State
            ? recorder.RecordAsync(job, new Change.JobNoted(job.Id, what))
            : RecordAsync(next, Move(next, what));
    }

    /// <summary>It has ended.</summary>
    /// <param name="end">How.</param>
    /// <param name="isSeenByAgent">Whether its agent says so, or the server concludes it.</param>
    internal async Task EndedAsync(AttemptEnd end, bool isSeenByAgent)
    {
        JobInfo next = Present with { State = JobState.Ended, End = end };
        string actor = end.Ending is Ending.Canceled canceled ? canceled.By : isSeenByAgent ? Agent : "drover";
        Change.JobMoved change = Move(next, Event(JobEventKind.Ended, next.State, actor, end.Ending.ToString()!, end.Evidence, end.At)) with
        {
            End = end,
        };
        await RecordAsync(next, _held is null ? [change] : [_held, change]);
        _heldNews?.From.Acknowledge(_heldNews.Message.Event);
    }

    /// <summary>It has ended, and another attempt follows: the job waits again.</summary>
    /// <param name="end">How it ended.</param>
    /// <param name="isSeenByAgent">Whether its agent says so, or the server concludes it.</param>
    /// <param name="notBefore">When the next attempt may start.</param>
    /// <param name="what">The story, in a sentence.</param>
    internal async Task RetriedAsync(AttemptEnd end, bool isSeenByAgent, DateTimeOffset notBefore, string what)
    {
        JobInfo ended = Present;
        JobInfo next = ended with
        {
            State = JobState.Queued,
            Attempt = ended.Attempt + 1,
            StartedAt = null,
            Agent = null,
            ProcessId = null,
            Progress = null,
            EstimatedEndAt = null,
            NextAttemptAt = notBefore,
        };
        long revision = job.NextRevision(_time.GetUtcNow());
        JobEvent story = Event(JobEventKind.Retried, next.State, isSeenByAgent ? Agent : "drover", what, end.Evidence, end.At);
        var change = new Change.JobRetried(job.Attempt, ended.State, end, notBefore, story, revision);
        await recorder.RecordAsync(job, _held is null ? [change] : [_held, change]);
        _heldNews?.From.Acknowledge(_heldNews.Message.Event);
        job.BeginNext(next with { Spec = job.Info.Spec, CancelRequestedBy = job.Info.CancelRequestedBy, Revision = Math.Max(revision, job.Info.Revision + 1) });
    }

    private string Agent => $"agent '{agent.Name}'";

    private string Cpus => job.Info.Spec.Cpus == 1 ? "1 CPU" : $"{job.Info.Spec.Cpus} CPUs";

    private Change.JobMoved Move(JobInfo next, JobEvent what)
    {
        JobState from = Present.State;
        return JobStates.CanFollow(from, next.State)
            ? new Change.JobMoved(job.Attempt, from, next.State, what) { Revision = job.NextRevision(_time.GetUtcNow()) }
            : throw new InvalidOperationException($"Job {job.Id} cannot become {next.State} when it is {from}.");
    }

    private JobEvent Event(
        JobEventKind kind, JobState state, string actor, string cause, string? evidence = null, DateTimeOffset? at = null) => new()
        {
            Sequence = 0, // Given by the store.
            At = at ?? _time.GetUtcNow(),
            Attempt = job.Info.Attempt,
            Kind = kind,
            State = state,
            Actor = actor,
            Cause = cause,
            Evidence = evidence,
        };

    private async Task RecordAsync(JobInfo next, params IReadOnlyList<Change.JobMoved> changes)
    {
        await recorder.RecordAsync(job, changes);

        // Progress, a request to cancel and a change of what is asked may have come meanwhile: they are not of this fact.
        job.Update(next with
        {
            Progress = job.Info.Progress,
            EstimatedEndAt = next.State is JobState.Running or JobState.Unknown ? job.Info.EstimatedEndAt : null,
            CancelRequestedBy = job.Info.CancelRequestedBy,
            Spec = job.Info.Spec,
            Revision = Math.Max(changes[^1].Revision, job.Info.Revision + 1),
        });
    }
}
