using Drover.Server.Telemetry;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Storage;

/// <summary>
/// The one thread that writes. It takes whatever gathered while it wrote before, and commits all of that at once: the
/// disk is waited for once a group, and the more load, the larger the groups.
/// </summary>
internal sealed partial class Writer : IDisposable
{
    // Bounds how long the first of a group waits for the rest, and how much has to be done again when one is refused.
    private const int MaxGroup = 500;

    private readonly WorkQueue<Commit> _queue = new();
    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly Action<int> _written;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private readonly ChangeStatements _changes;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollback;
    private long _lastEventSequence;

    /// <summary>Starts the thread.</summary>
    /// <param name="connection">Its own from now on.</param>
    /// <param name="path">The database, for messages.</param>
    /// <param name="written">Told after each group how many changes it had.</param>
    /// <param name="log">Where failures are told.</param>
    internal Writer(SqliteConnection connection, string path, Action<int> written, ILogger log)
    {
        _connection = connection;
        _path = path;
        _written = written;
        _log = log;
        _lastEventSequence = Queries.LastEventSequence(connection);
        _changes = new ChangeStatements(connection, _lastEventSequence);
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _thread = new Thread(Work) { IsBackground = true, Name = "store writer" };
        _thread.UnsafeStart();

        SqliteCommand Prepare(string sql)
        {
            SqliteCommand command = connection.CreateCommand(); // It waits for a lock that another program holds.
            command.CommandText = sql;
            command.Prepare();
            return command;
        }
    }

    /// <inheritdoc cref="Store.Committed"/>
    internal Action? Committed { get; set; }

    /// <summary>The sequence of the last event on disk.</summary>
    internal long LastEventSequence => Volatile.Read(ref _lastEventSequence);

    /// <summary>Completes when the changes are on disk, or faults when none of them is.</summary>
    internal Task CommitAsync(IReadOnlyList<Change> changes)
    {
        var commit = new Commit(changes);
        return _queue.TryAdd(commit) ? commit.Task : Task.FromException(new ObjectDisposedException(nameof(Store)));
    }

    /// <summary>Writes what was given before, then ends the thread. Blocks.</summary>
    public void Dispose()
    {
        _queue.Close();
        _thread.Join();
        _changes.Dispose();
        _begin.Dispose();
        _commit.Dispose();
        _rollback.Dispose();
    }

    private void Work()
    {
        var group = new List<Commit>();
        while (_queue.TryTakeMany(group, MaxGroup))
        {
            Write(group);
            group.Clear();
        }
    }

    private void Write(IReadOnlyList<Commit> group)
    {
        try
        {
            WriteTogether(group);
        }
        catch (Exception e) when (group.Count > 1 && SqliteErrors.IsOwnFault(e))
        {
            foreach (Commit commit in group)
            {
                Write([commit]);
            }
        }
        catch (Exception e)
        {
            StorageException failure = e switch
            {
                StorageException known => known,
                SqliteException known => SqliteErrors.Translate(known, _path),
                _ => new StorageException(StorageFailure.Other, $"A change could not be written: {e.Message}", e),
            };
            if (failure.Failure == StorageFailure.Refused)
            {
                LogRefusal(failure.Message); // Who asked for it is told, and knows whether that was to be expected.
            }
            else
            {
                LogFailure(failure.Message, group.Count);
            }

            foreach (Commit commit in group)
            {
                commit.SetException(failure);
            }
        }
    }

    private void WriteTogether(IReadOnlyList<Commit> group)
    {
        int count = 0;
        long began = ServerMetrics.CommitBegins();
        try
        {
            _begin.ExecuteNonQuery();
            foreach (Commit commit in group)
            {
                _changes.Write(commit.Changes);
                count += commit.Changes.Count;
            }

            _commit.ExecuteNonQuery();
        }
        catch
        {
            RollBack();
            throw;
        }

        Volatile.Write(ref _lastEventSequence, _changes.LastEventSequence);
        foreach (Commit commit in group)
        {
            commit.SetResult();
        }

        Committed?.Invoke();
        ServerMetrics.Committed(began, count);
        _written(count);
    }

    // Many errors have ended the transaction already (https://sqlite.org/lang_transaction.html, section 3).
    private void RollBack()
    {
        _changes.LastEventSequence = _lastEventSequence;
        if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            try
            {
                _rollback.ExecuteNonQuery();
            }
            catch (SqliteException e)
            {
                LogFailure(e.Message, 0); // The next BEGIN tells whether it still matters.
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "{Commits} commits failed: {Message}")]
    private partial void LogFailure(string message, int commits);

    [LoggerMessage(LogLevel.Debug, "A commit was refused: {Message}")]
    private partial void LogRefusal(string message);

    /// <summary>Changes of one caller. Whoever awaits it does not run on the thread that writes.</summary>
    private sealed class Commit(IReadOnlyList<Change> changes) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal IReadOnlyList<Change> Changes { get; } = changes;
    }
}
