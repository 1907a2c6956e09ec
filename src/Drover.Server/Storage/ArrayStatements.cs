using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>Writes changes of whole arrays. Of the thread that writes; a transaction is open.</summary>
internal sealed class ArrayStatements : IDisposable
{
    private readonly Statement _addArray;
    private readonly Statement _alterArray;
    private readonly Statement _cancelJob;
    private readonly Statement _alterJob;
    private readonly Action<JobId, JobEvent> _note;

    /// <summary>Prepares the statements.</summary>
    /// <param name="connection">Where they run.</param>
    /// <param name="note">Writes a line of the audit trail.</param>
    internal ArrayStatements(SqliteConnection connection, Action<JobId, JobEvent> note)
    {
        _note = note;
        _addArray = new Statement(
            connection,
            """
            INSERT INTO arrays (id, user, name, submitted_at, count, job_json, indices, at_once)
            VALUES ($id, $user, $name, $submitted_at, $count, $job, $indices, $at_once)
            """);
        _alterArray = new Statement(connection, "UPDATE arrays SET altered_json = $altered, at_once = $at_once WHERE id = $id");
        _alterJob = new Statement(
            connection, "UPDATE jobs SET priority = $priority, spec_json = $spec, revision = $revision WHERE id = $id AND state = 'queued'");
        _cancelJob = new Statement(
            connection, "UPDATE jobs SET cancel_json = $cancel, revision = $revision WHERE id = $id AND ended_at IS NULL");
    }

    /// <summary>Writes the rows of a change, unless it is of another kind.</summary>
    internal bool TryWrite(Change change)
    {
        switch (change)
        {
            case Change.ArraySubmitted({ } array):
                _addArray.Run(
                    array.Id.Value, array.User, array.Name, Columns.Microseconds(array.SubmittedAt), array.Count, Columns.Json(array.Job),
                    array.Indices, array.AtOnce);
                return true;
            case Change.ArrayAltered altered:
                Write(altered);
                return true;
            case Change.ManyCancelRequested requested:
                Write(requested);
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _addArray.Dispose();
        _alterArray.Dispose();
        _cancelJob.Dispose();
        _alterJob.Dispose();
    }

    private void Write(Change.ManyCancelRequested many)
    {
        many.LeftOut.Clear();
        byte[]? order = many.Requests.Count > 0 ? Columns.Json(many.Requests[0].Order) : null;
        foreach (Change.CancelRequested request in many.Requests)
        {
            if (_cancelJob.Run(order, request.Revision, request.Job.Value) == 1)
            {
                _note(request.Job, request.Event);
            }
            else
            {
                many.LeftOut.Add(request.Job);
            }
        }
    }

    private void Write(Change.ArrayAltered altered)
    {
        altered.LeftOut.Clear();
        ArrayRow array = altered.Array;
        _alterArray.Run(array.Altered is { } now ? Columns.Json(now) : SqlValue.Null, array.AtOnce, array.Id.Value);
        (JobSpec? Spec, byte[]? Json) last = default; // Nearly all of them share one.
        foreach (Change.JobAltered job in altered.Jobs)
        {
            last = ReferenceEquals(last.Spec, job.Spec) ? last : (job.Spec, Columns.Json(job.Spec));
            if (_alterJob.Run(job.Spec.Priority, last.Json, job.Revision, job.Job.Value) == 1)
            {
                _note(job.Job, job.Event);
            }
            else
            {
                altered.LeftOut.Add(job.Job);
            }
        }
    }
}
