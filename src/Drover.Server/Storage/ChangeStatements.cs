using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>Writes changes as rows, by prepared statements. Of the thread that writes; a transaction is open.</summary>
internal sealed class ChangeStatements : IDisposable
{
    private readonly List<Statement> _all = [];
    private readonly DirectoryStatements _directory;
    private readonly ArrayStatements _arrays;
    private readonly Statement _addJob;
    private readonly Statement _addAttempt;
    private readonly Statement _addEvent;
    private readonly Statement _addNote;
    private readonly Statement _moveJob;
    private readonly Statement _moveAttempt;
    private readonly Statement _endJob;
    private readonly Statement _endAttempt;
    private readonly Statement _cancelJob;
    private readonly Statement _retryJob;
    private readonly Statement _alterJob;
    private readonly Statement _pinJob;
    private readonly Statement _beginPurge;
    private readonly Statement _purgeJob;
    private readonly Statement _purgeAttempts;

    /// <summary>Prepares the statements.</summary>
    /// <param name="connection">Where they run.</param>
    /// <param name="lastEventSequence">The sequence of the last event that is stored.</param>
    internal ChangeStatements(SqliteConnection connection, long lastEventSequence)
    {
        LastEventSequence = lastEventSequence;
        _directory = new DirectoryStatements(connection);
        _arrays = new ArrayStatements(connection, (job, happened) => Note(job, happened, isOfLastAttempt: true));
        _addJob = Prepare(
            """
            INSERT INTO jobs (id, user, name, site, priority, cpus, submitted_at, attempt, state, revision, cancel_json, spec_json,
                pinned, array, array_index, fingerprint, trace_parent, run_directory)
            VALUES ($id, $user, $name, $site, $priority, $cpus, $submitted_at, $attempt, $state, $revision, $cancel, $spec,
                $pinned, $array, $array_index, $fingerprint, $trace_parent, $run_directory)
            """);
        _addAttempt = Prepare("INSERT INTO attempts (job, number, state) VALUES ($job, $number, 'queued')");
        _addEvent = Prepare(
            """
            INSERT INTO events (sequence, at, job, attempt, kind, state, actor, cause, evidence)
            VALUES ($sequence, $at, $job, $attempt, $kind, $state, $actor, $cause, $evidence)
            """);
        _addNote = Prepare(
            """
            INSERT INTO events (sequence, at, job, attempt, kind, state, actor, cause, evidence)
            SELECT $sequence, $at, id, coalesce($attempt, attempt), $kind, state, $actor, $cause, $evidence FROM jobs WHERE id = $job
            """);
        _moveJob = Prepare("UPDATE jobs SET state = $to, revision = $revision WHERE id = $id AND attempt = $attempt AND state = $from");
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
        _retryJob = Prepare(
            """
            UPDATE jobs SET state = 'queued', attempt = attempt + 1, not_before = $not_before, revision = $revision
            WHERE id = $id AND attempt = $attempt AND state = $from
            """);
        _alterJob = Prepare("UPDATE jobs SET priority = $priority, spec_json = $spec, revision = $revision WHERE id = $id AND state = 'queued'");
        _pinJob = Prepare("UPDATE jobs SET pinned = $pinned, revision = $revision WHERE id = $id AND purge_at IS NULL");
        _beginPurge = Prepare("UPDATE jobs SET purge_at = $at WHERE id = $id AND state = 'ended' AND pinned = 0");
        _purgeJob = Prepare("UPDATE jobs SET state = 'purged', purge_at = $at, revision = $revision WHERE id = $id AND state = 'ended'");
        _purgeAttempts = Prepare("UPDATE attempts SET state = 'purged' WHERE job = $job AND state = 'ended'");

        Statement Prepare(string sql)
        {
            var statement = new Statement(connection, sql);
            _all.Add(statement);
            return statement;
        }
    }

    /// <summary>The sequence of the last event that was written; whoever rolls back sets it back.</summary>
    internal long LastEventSequence { get; set; }

    /// <summary>Writes the rows of changes that belong together, in their order.</summary>
    /// <inheritdoc cref="Write(Change)" path="/exception"/>
    internal void Write(IReadOnlyList<Change> changes)
    {
        for (int i = 0; i < changes.Count; i++)
        {
            if (i + 1 < changes.Count && changes[i] is Change.JobMoved first && changes[i + 1] is Change.JobMoved second && Continues(first, second))
            {
                Write(second, first); // A program that ends at once: each of its rows is written once.
                i++;
            }
            else
            {
                Write(changes[i]);
            }
        }
    }

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
                Note(job, happened);
                break;
            case Change.JobRetried retried:
                Write(retried);
                break;
            case Change.JobAltered(var job, var spec, var happened, var revision):
                Expect(_alterJob.Run(spec.Priority, Columns.Json(spec), revision, job.Value), job, "is not there, or does not wait");
                Note(job, happened);
                break;
            case Change.JobPinned(var job, var isPinned, var happened, var revision):
                Expect(_pinJob.Run(isPinned, revision, job.Value), job, "is not there, or has no files any more");
                Note(job, happened);
                break;
            case Change.PurgeBegun(var job, var at):
                Expect(_beginPurge.Run(Columns.Microseconds(at), job.Value), job, "is not there, or has not ended, or is pinned");
                break;
            case Change.JobPurged(var job, var happened, var revision):
                Expect(_purgeJob.Run(Columns.Microseconds(happened.At), revision, job.Value), job, "is not there, or has not ended");
                _purgeAttempts.Run(job.Value);
                Write(job, happened);
                break;
            case Change.JobNoted(var job, var happened):
                Note(job, happened);
                break;
            default:
                if (!_arrays.TryWrite(change) && !_directory.TryWrite(change))
                {
                    throw new UnreachableException();
                }

                break;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _directory.Dispose();
        _arrays.Dispose();
        _all.ForEach(s => s.Dispose());
    }

    private void Write(Change.JobSubmitted submitted)
    {
        JobRow job = submitted.Job;
        _addJob.Run(
            job.Id.Value, job.User, job.Name, job.Spec.Site, job.Spec.Priority, job.Spec.Cpus,
            Columns.Microseconds(job.SubmittedAt), job.Attempt, Columns.Word(job.State), job.Revision,
            job.Cancel is { } cancel ? Columns.Json(cancel) : null, job.Array is null ? Columns.Json(job.Spec) : SqlValue.Null, job.IsPinned,
            job.Array?.Value, job.ArrayIndex,
            job.Fingerprint, job.TraceParent, job.Spec.RunDirectory);
        _addAttempt.Run(job.Id.Value, job.Attempt);
        Write(job.Id, submitted.Event);
    }

    /// <summary>Whether the two can be written as one: the transition from the first's beginning to the second's end is legal too.</summary>
    private static bool Continues(Change.JobMoved first, Change.JobMoved second) =>
        first.Attempt == second.Attempt && first.To == second.From
        && first is { From: JobState.Starting, To: JobState.Running } && second.To == JobState.Ended;

    /// <summary>Writes a move, and one that came right before it.</summary>
    private void Write(Change.JobMoved moved, Change.JobMoved? before = null)
    {
        if (moved.To == JobState.Ended != moved.End is not null)
        {
            throw new StorageException(
                StorageFailure.Refused, $"Attempt {moved.Attempt} has an ending without having ended, or ended without one.");
        }

        string from = Columns.Word(before?.From ?? moved.From);
        string to = Columns.Word(moved.To);
        (long job, int number) = (moved.Attempt.Job.Value, moved.Attempt.Number);
        (string? agent, string? folder) = (moved.Agent ?? before?.Agent, moved.Folder ?? before?.Folder);
        int? process = moved.ProcessId ?? before?.ProcessId;
        long? startedAt = Columns.Microseconds(moved.StartedAt ?? before?.StartedAt);
        int rows;
        if (moved.End is { } end)
        {
            long at = Columns.Microseconds(end.At);
            long recordedAt = moved.Revision; // Files are kept for a time from then on: the agent's clock may be off by days.
            rows = _endJob.Run(to, moved.Revision, recordedAt, Columns.Word(end.Ending), job, number, from);
            rows += _endAttempt.Run(to, agent, folder, process, startedAt, at, Columns.Json(end), job, number, from);
        }
        else
        {
            rows = _moveJob.Run(to, moved.Revision, job, number, from);
            rows += _moveAttempt.Run(to, agent, folder, process, startedAt, job, number, from);
        }

        Expect(rows / 2, moved.Attempt.Job, $"is not there, or is not {from}, or attempt {number} is not its last");
        if (before is not null)
        {
            Write(moved.Attempt.Job, before.Event);
        }

        Write(moved.Attempt.Job, moved.Event);
    }

    private void Write(Change.JobRetried retried)
    {
        (long job, int number) = (retried.Attempt.Job.Value, retried.Attempt.Number);
        string from = Columns.Word(retried.From);
        int rows = _endAttempt.Run(
            Columns.Word(JobState.Ended), SqlValue.Null, SqlValue.Null, SqlValue.Null, SqlValue.Null, Columns.Microseconds(retried.End.At), Columns.Json(retried.End), job, number, from);
        rows += _retryJob.Run(Columns.Microseconds(retried.NotBefore), retried.Revision, job, number, from);
        Expect(rows / 2, retried.Attempt.Job, $"is not there, or is not {from}, or attempt {number} is not its last");
        _addAttempt.Run(job, number + 1);
        Write(retried.Attempt.Job, retried.Event);
    }

    private void Write(JobId job, JobEvent happened) => _addEvent.Run(
        ++LastEventSequence, Columns.Microseconds(happened.At), job.Value, happened.Attempt, Columns.Word(happened.Kind),
        Columns.Word(happened.State), happened.Actor, happened.Cause, happened.Evidence);

    /// <summary>
    /// Writes an event that leaves the state as it is. Which one that is the database knows: whoever reported the event may
    /// not have heard yet of a move that was stored before it. So it is with the attempt of what is about the job as a whole.
    /// </summary>
    private void Note(JobId job, JobEvent happened, bool isOfLastAttempt = false) => Expect(
        _addNote.Run(
            ++LastEventSequence, Columns.Microseconds(happened.At), isOfLastAttempt ? SqlValue.Null : happened.Attempt, Columns.Word(happened.Kind), happened.Actor,
            happened.Cause, happened.Evidence, job.Value),
        job,
        "is not there");

    private static void Expect(int rows, JobId job, string otherwise)
    {
        if (rows != 1)
        {
            throw new StorageException(StorageFailure.Refused, $"Job {job} {otherwise}.");
        }
    }
}
