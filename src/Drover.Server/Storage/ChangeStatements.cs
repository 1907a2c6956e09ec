using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>Writes changes as rows, by prepared statements. Of the thread that writes; a transaction is open.</summary>
internal sealed class ChangeStatements : IDisposable
{
    private readonly List<Statement> _all = [];
    private readonly Statement _addJob;
    private readonly Statement _addAttempt;
    private readonly Statement _addEvent;
    private readonly Statement _moveJob;
    private readonly Statement _moveAttempt;
    private readonly Statement _endJob;
    private readonly Statement _endAttempt;
    private readonly Statement _cancelJob;
    private readonly Statement _addUser;
    private readonly Statement _addToken;
    private readonly Statement _revokeToken;
    private readonly Statement _replaceAgent;

    /// <summary>Prepares the statements.</summary>
    /// <param name="connection">Where they run.</param>
    /// <param name="lastEventSequence">The sequence of the last event that is stored.</param>
    internal ChangeStatements(SqliteConnection connection, long lastEventSequence)
    {
        LastEventSequence = lastEventSequence;
        _addJob = Prepare(
            """
            INSERT INTO jobs (id, user, name, site, priority, cpus, submitted_at, attempt, state, revision, cancel_json, spec_json)
            VALUES ($id, $user, $name, $site, $priority, $cpus, $submitted_at, $attempt, $state, $revision, $cancel, $spec)
            """);
        _addAttempt = Prepare("INSERT INTO attempts (job, number, state) VALUES ($job, $number, 'queued')");
        _addEvent = Prepare(
            """
            INSERT INTO events (sequence, at, job, attempt, kind, state, actor, cause, evidence)
            VALUES ($sequence, $at, $job, $attempt, $kind, $state, $actor, $cause, $evidence)
            """);
        _moveJob = Prepare(
            "UPDATE jobs SET state = $to, revision = $revision WHERE id = $id AND attempt = $attempt AND state = $from");
        _endJob = Prepare(
            """
            UPDATE jobs SET state = $to, revision = $revision, ended_at = $ended_at, ending = $ending
            WHERE id = $id AND attempt = $attempt AND state = $from
            """);
        _moveAttempt = Prepare(
            """
            UPDATE attempts SET state = $to, agent = coalesce($agent, agent), folder = coalesce($folder, folder),
                process_id = coalesce($process_id, process_id), started_at = coalesce($started_at, started_at)
            WHERE job = $job AND number = $number AND state = $from
            """);
        _endAttempt = Prepare(
            """
            UPDATE attempts SET state = $to, agent = coalesce($agent, agent), folder = coalesce($folder, folder),
                process_id = coalesce($process_id, process_id), started_at = coalesce($started_at, started_at),
                ended_at = $ended_at, end_json = $end
            WHERE job = $job AND number = $number AND state = $from
            """);
        _cancelJob = Prepare(
            "UPDATE jobs SET cancel_json = $cancel, revision = $revision WHERE id = $id AND attempt = $attempt AND ended_at IS NULL");
        _addUser = Prepare("INSERT INTO users (name, is_admin, created_at) VALUES ($name, $is_admin, $created_at)");
        _addToken = Prepare(
            """
            INSERT INTO tokens (hash, kind, user, site, agent, created_at, expires_at)
            VALUES ($hash, $kind, $user, $site, $agent, $created_at, $expires_at)
            """);
        _revokeToken = Prepare("UPDATE tokens SET revoked_at = $at WHERE hash = $hash AND revoked_at IS NULL");
        _replaceAgent = Prepare(
            """
            INSERT INTO agents (name, user, site, folder, host, unix_user, process_id, version, driver, cpus, memory_bytes, limits, last_seen_at)
            VALUES ($name, $user, $site, $folder, $host, $unix_user, $process_id, $version, $driver, $cpus, $memory_bytes, $limits, $last_seen_at)
            ON CONFLICT (name) DO UPDATE SET user = excluded.user, site = excluded.site, folder = excluded.folder,
                host = excluded.host, unix_user = excluded.unix_user, process_id = excluded.process_id,
                version = excluded.version, driver = excluded.driver, cpus = excluded.cpus,
                memory_bytes = excluded.memory_bytes, limits = excluded.limits, last_seen_at = excluded.last_seen_at
            """);

        Statement Prepare(string sql)
        {
            var statement = new Statement(connection, sql);
            _all.Add(statement);
            return statement;
        }
    }

    /// <summary>The sequence of the last event that was written; whoever rolls back sets it back.</summary>
    internal long LastEventSequence { get; set; }

    /// <summary>Writes the rows of one change.</summary>
    /// <exception cref="SqliteException">It could not be written, or the database refuses it.</exception>
    /// <exception cref="StorageException">It contradicts what is stored.</exception>
    internal void Write(Change change)
    {
        switch (change)
        {
            case Change.JobSubmitted submitted:
                Write(submitted);
                break;
            case Change.JobMoved moved:
                Write(moved);
                break;
            case Change.CancelRequested(var job, var attempt, var order, var happened, var revision):
                int rows = _cancelJob.Run(Columns.Json(order), revision, job.Value, attempt);
                Expect(rows, job, $"is not there, or has ended, or attempt {attempt} is not its last");
                Write(job, happened);
                break;
            case Change.JobNoted(var job, var happened):
                Write(job, happened);
                break;
            case Change.UserAdded({ } user):
                _addUser.Run(user.Name, user.IsAdmin, Columns.Microseconds(user.CreatedAt));
                break;
            case Change.TokenIssued({ } token):
                _addToken.Run(
                    token.Hash.Hex, Columns.Word(token.Kind), token.User, token.Site, token.Agent,
                    Columns.Microseconds(token.CreatedAt), Microseconds(token.ExpiresAt));
                break;
            case Change.TokenRevoked(var hash, var at):
                _revokeToken.Run(Columns.Microseconds(at), hash.Hex);
                break;
            case Change.AgentSeen({ } agent):
                _replaceAgent.Run(
                    agent.Name, agent.User, agent.Site, agent.Folder, agent.Host, agent.UnixUser, agent.ProcessId,
                    agent.Version, agent.Driver, agent.Cpus, agent.MemoryBytes, string.Join(' ', agent.Limits),
                    Microseconds(agent.LastSeenAt));
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _all.ForEach(s => s.Dispose());

    private void Write(Change.JobSubmitted submitted)
    {
        JobRow job = submitted.Job;
        _addJob.Run(
            job.Id.Value, job.User, job.Name, job.Spec.Site, job.Spec.Priority, job.Spec.Cpus,
            Columns.Microseconds(job.SubmittedAt), job.Attempt, Columns.Word(job.State), job.Revision,
            job.Cancel is { } cancel ? Columns.Json(cancel) : null, Columns.Json(job.Spec));
        _addAttempt.Run(job.Id.Value, job.Attempt);
        Write(job.Id, submitted.Event);
    }

    private void Write(Change.JobMoved moved)
    {
        if (moved.To == JobState.Ended != moved.End is not null)
        {
            throw new StorageException(
                StorageFailure.Refused, $"Attempt {moved.Attempt} has an ending without having ended, or ended without one.");
        }

        string from = Columns.Word(moved.From);
        string to = Columns.Word(moved.To);
        (long job, int number) = (moved.Attempt.Job.Value, moved.Attempt.Number);
        int rows;
        if (moved.End is { } end)
        {
            long at = Columns.Microseconds(end.At);
            rows = _endJob.Run(to, moved.Revision, at, Columns.Word(end.Ending), job, number, from);
            rows += _endAttempt.Run(
                to, moved.Agent, moved.Folder, moved.ProcessId, Microseconds(moved.StartedAt), at, Columns.Json(end),
                job, number, from);
        }
        else
        {
            rows = _moveJob.Run(to, moved.Revision, job, number, from);
            rows += _moveAttempt.Run(
                to, moved.Agent, moved.Folder, moved.ProcessId, Microseconds(moved.StartedAt), job, number, from);
        }

        Expect(rows / 2, moved.Attempt.Job, $"is not there, or is not {from}, or attempt {number} is not its last");
        Write(moved.Attempt.Job, moved.Event);
    }

    private void Write(JobId job, JobEvent happened) => _addEvent.Run(
        ++LastEventSequence, Columns.Microseconds(happened.At), job.Value, happened.Attempt, Columns.Word(happened.Kind),
        Columns.Word(happened.State), happened.Actor, happened.Cause, happened.Evidence);

    private static long? Microseconds(DateTimeOffset? time) => time is { } t ? Columns.Microseconds(t) : null;

    private static void Expect(int rows, JobId job, string otherwise)
    {
        if (rows != 1)
        {
            throw new StorageException(StorageFailure.Refused, $"Job {job} {otherwise}.");
        }
    }
}
