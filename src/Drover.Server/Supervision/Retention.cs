using System.Globalization;
using Drover.Server.Configuration;
using Drover.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Supervision;

/// <summary>
/// Has the run directories of jobs removed when the time that they are kept is over: a few at a time, the oldest first,
/// by agents that are there anyway. Belongs to the supervision loop.
/// </summary>
/// <remarks>
/// That files are to go is on disk before the agent is asked: from then on they cannot be pinned, also after the death of
/// the server, which then asks again. Run directories that jobs share by name are their user's, and stay.
/// </remarks>
internal sealed partial class Retention(Store store, AgentDirectory agents, RecentJobs recent, JobOptions options, ILogger log)
{
    private const int MostAtOnce = 100;
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_answersWithin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_allAgainAfter = TimeSpan.FromHours(1);

    private readonly TimeProvider _time = EventLoop.Current.Time;
    private readonly Event _news = new("news about files whose time is over");

    /// <summary>What agents were asked to remove and have not said to be gone.</summary>
    private readonly Dictionary<JobId, PurgeableRow> _asked = [];

    /// <summary>What they said to be gone, and is not recorded yet.</summary>
    private readonly List<(PurgeableRow Job, string By)> _gone = [];

    /// <summary>Where to look on; what comes before waits for agents that are away.</summary>
    private (DateTimeOffset EndedAt, JobId Id) _position;
    private long _lookedFromStartAt;

    /// <summary>An agent is there: it may have files whose time was over while it was away.</summary>
    internal void AgentIsReady() => LookFromStart();

    /// <summary>Files of a job are not pinned any more.</summary>
    internal void IsUnpinned() => LookFromStart();

    /// <summary>An agent says that run directories are gone.</summary>
    internal void AreGone(KnownAgent agent, IReadOnlyList<string> runDirectories)
    {
        foreach (string name in runDirectories)
        {
            if (JobId.TryParse(name, CultureInfo.InvariantCulture, out JobId id) && _asked.TryGetValue(id, out PurgeableRow? job)
                && (job.User, job.Site) == (agent.Row.User, agent.Row.Site))
            {
                _asked.Remove(id);
                _gone.Add((job, $"agent '{agent.Name}' removed run directory {id}"));
            }
        }

        _news.Set();
    }

    /// <summary>Has files removed when their time is over, until the scope is canceled.</summary>
    internal async Task RunAsync()
    {
        if (options.KeepFiles is not { } keep)
        {
            return;
        }

        TimeSpan pause = TimeSpan.FromTicks(Math.Clamp(keep.Ticks / 20, s_shortestPause.Ticks, s_longestPause.Ticks));
        LookFromStart();
        while (true)
        {
            bool isMore = false;
            try
            {
                isMore = await NextAsync(keep);
                await RecordAsync(keep);
            }
            catch (StorageException e)
            {
                LogPutOff(e.Message); // The disk is full or the like. What is gone is asked for again, and is told to be gone again.
            }

            if (!isMore)
            {
                _news.Reset();
                await CancelScope.MoveOnAfterAsync(pause, async () => await _news.WaitAsync("files whose time is over"));
            }

            if (_time.GetElapsedTime(_lookedFromStartAt) > s_allAgainAfter)
            {
                LookFromStart(); // What was asked for and not said to be gone.
            }
        }
    }

    private void LookFromStart()
    {
        _position = default;
        _lookedFromStartAt = _time.GetTimestamp();
        _news.Set();
    }

    /// <summary>Has the next few removed, and waits for that. False when there were none.</summary>
    private async Task<bool> NextAsync(TimeSpan keep)
    {
        (DateTimeOffset EndedAt, JobId Id) from = _position;
        DateTimeOffset before = _time.GetUtcNow() - keep;
        IReadOnlyList<PurgeableRow> jobs = await store.ReadAsync(c => Queries.Purgeable(c, before, from.EndedAt, from.Id, MostAtOnce));
        if (jobs.Count == 0)
        {
            return false;
        }

        if (_position == from)
        {
            _position = (jobs[^1].EndedAt, jobs[^1].Id);
        }

        (PurgeableRow Job, AgentSession Session)[] reachable =
            [.. jobs.Select(job => (job, SessionFor(job))).Where(pair => pair.Item2 is not null).Select(pair => (pair.job, pair.Item2!))];
        foreach (PurgeableRow job in jobs.Where(job => job.Folder is null))
        {
            _gone.Add((job, "it was never sent to an agent, so it had none"));
        }

        if (reachable.Length > 0)
        {
            await AskAsync(reachable);
        }

        return true;
    }

    /// <summary>The connection of the agent that has a job's files; null when that is away.</summary>
    private AgentSession? SessionFor(PurgeableRow job)
    {
        KnownAgent agent = agents.AgentOf(job.User, job.Site);
        if (agent.Session is null && job.Folder is not null && job.Folder == agent.Row.Folder)
        {
            agents.Need(agent);
        }

        return agent.Session is { } session && session.Hello.Folder == job.Folder ? session : null;
    }

    private async Task AskAsync(IReadOnlyList<(PurgeableRow Job, AgentSession Session)> jobs)
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach ((PurgeableRow job, _) in jobs)
        {
            _asked[job.Id] = job;
        }

        try
        {
            await store.CommitAsync([.. jobs.Select(pair => new Change.PurgeBegun(pair.Job.Id, now))]);
        }
        catch (StorageException e) when (e.Failure == StorageFailure.Refused)
        {
            Forget(jobs); // One of them was pinned just now. They are looked at again.
            LookFromStart();
            return;
        }
        catch
        {
            Forget(jobs);
            throw;
        }

        foreach (var ofOne in jobs.GroupBy(pair => pair.Session, pair => pair.Job.Id.ToString()))
        {
            ofOne.Key.Send(new ServerMessage.Purge([.. ofOne]));
        }

        await CancelScope.MoveOnAfterAsync(
            s_answersWithin,
            async () =>
            {
                while (jobs.Any(pair => _asked.ContainsKey(pair.Job.Id)))
                {
                    _news.Reset();
                    await _news.WaitAsync("agents that remove files");
                }
            },
            "removal of files");
    }

    private void Forget(IEnumerable<(PurgeableRow Job, AgentSession Session)> jobs)
    {
        foreach ((PurgeableRow job, _) in jobs)
        {
            _asked.Remove(job.Id);
        }
    }

    /// <summary>Records what is gone.</summary>
    private async Task RecordAsync(TimeSpan keep)
    {
        if (_gone.Count == 0)
        {
            return;
        }

        (PurgeableRow Job, string By)[] gone = [.. _gone];
        _gone.Clear();
        DateTimeOffset now = _time.GetUtcNow();
        await store.CommitAsync([.. gone.Select(pair => Purged(pair.Job, pair.By, keep, now))]);
        foreach ((PurgeableRow job, _) in gone)
        {
            recent.Remove(job.Id);
        }

        LogRemoved(gone.Length);
    }

    private static Change.JobPurged Purged(PurgeableRow job, string evidence, TimeSpan keep, DateTimeOffset now) => new(
        job.Id,
        new JobEvent
        {
            Sequence = 0, // Given by the store.
            At = now,
            Attempt = job.Attempt,
            Kind = JobEventKind.Purged,
            State = JobState.Purged,
            Actor = "drover",
            Cause = $"this server keeps files for {Quantities.Duration(keep)} after the end",
            Evidence = evidence,
        },
        Math.Max(job.Revision + 1, (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond));

    [LoggerMessage(LogLevel.Information, "The files of {Count} jobs are gone: their time was over")]
    private partial void LogRemoved(int count);

    [LoggerMessage(LogLevel.Warning, "Files whose time is over stay for now: {Reason}")]
    private partial void LogPutOff(string reason);
}
