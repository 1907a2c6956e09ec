using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>The threads that read, each with a connection of its own.</summary>
internal sealed class Readers : IDisposable
{
    // A query takes a fraction of a millisecond, and a long one (a page of many large jobs) must not hold up the rest.
    private const int Count = 2;

    private readonly WorkQueue<Action<Func<SqliteConnection>>> _queue = new();
    private readonly Database _database;
    private readonly Thread[] _threads;

    /// <summary>Starts the threads.</summary>
    /// <param name="database">What to read.</param>
    internal Readers(Database database)
    {
        _database = database;
        _threads = [.. Enumerable.Range(1, Count).Select(i => new Thread(Work) { IsBackground = true, Name = $"store reader {i}" })];
        Array.ForEach(_threads, t => t.UnsafeStart());
    }

    /// <summary>Asks a question; what it reads belongs together, as of one moment.</summary>
    internal Task<T> ReadAsync<T>(Func<SqliteConnection, T> query)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _queue.TryAdd(Read) ? answer.Task : Task.FromException<T>(new ObjectDisposedException(nameof(Store)));

        void Read(Func<SqliteConnection> connect)
        {
            try
            {
                answer.SetResult(InSnapshot(connect(), query));
            }
            catch (SqliteException e)
            {
                answer.SetException(SqliteErrors.Translate(e, _database.Path));
            }
            catch (Exception e)
            {
                answer.SetException(e);
            }
        }
    }

    /// <summary>Answers what was asked before, then ends the threads. Blocks.</summary>
    public void Dispose()
    {
        _queue.Close();
        Array.ForEach(_threads, t => t.Join());
    }

    private static T InSnapshot<T>(SqliteConnection connection, Func<SqliteConnection, T> query)
    {
        using SqliteTransaction snapshot = connection.BeginTransaction(deferred: true);
        return query(connection);
    }

    private void Work()
    {
        SqliteConnection? connection = null;
        while (_queue.TryTake(out Action<Func<SqliteConnection>>? read))
        {
            read(() => connection ??= _database.OpenForReading());
        }

        connection?.Dispose();
    }
}
