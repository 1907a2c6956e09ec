using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>Writes changes of whole arrays. Of the thread that writes; a transaction is open.</summary>
internal sealed class ArrayStatements : IDisposable
{
    private readonly Statement _addArray;
    private readonly Statement _cancelJob;
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
            case Change.ManyCancelRequested({ } requests):
                Write(requests);
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _addArray.Dispose();
        _cancelJob.Dispose();
    }

    private void Write(IReadOnlyList<Change.CancelRequested> requests)
    {
        byte[]? order = requests.Count > 0 ? Columns.Json(requests[0].Order) : null;
        foreach (Change.CancelRequested request in requests)
        {
            if (_cancelJob.Run(order, request.Revision, request.Job.Value) == 1)
            {
                _note(request.Job, request.Event);
            }
        }
    }
}
