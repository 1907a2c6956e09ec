using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Storage;

/// <summary>
/// The engine of a server's store, over one SQLite file. One thread writes (<see cref="Writer"/>), two read
/// (<see cref="Readers"/>), one tidies up (<see cref="Checkpoints"/>).
/// </summary>
internal sealed class StoreThreads : IStoreEngine
{
    private readonly Database _database;
    private readonly SqliteConnection _connection;
    private readonly Writer _writer;
    private readonly Readers _readers;
    private readonly Checkpoints _checkpoints;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isClosing;

    /// <summary>Opens the database and starts the threads. Blocks.</summary>
    /// <exception cref="StorageException">It cannot be used.</exception>
    internal StoreThreads(Database database, TimeProvider time, ILogger log)
    {
        _database = database;
        _connection = database.OpenForWriting(time);
        ServerId = Queries.ServerId(_connection);
        LastJobId = new JobId(Queries.LastJobId(_connection));
        _checkpoints = new Checkpoints(database, log);
        _writer = new Writer(_connection, database.Path, _checkpoints.Count, log);
        _readers = new Readers(database);
    }

    public string ServerId { get; }

    public JobId LastJobId { get; }

    public long LastEventSequence => _writer.LastEventSequence;

    public Action? Committed
    {
        get => _writer.Committed;
        set => _writer.Committed = value;
    }

    public Task CommitAsync(IReadOnlyList<Change> changes) => _writer.CommitAsync(changes);

    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> query) => _readers.ReadAsync(query);

    public IReadOnlyList<JobRow> LoadUnfinished()
    {
        try
        {
            using SqliteConnection connection = _database.OpenForReading();
            return Queries.Unfinished(connection);
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Translate(e, _database.Path);
        }
    }

    public ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref _isClosing, true))
        {
            // It waits for threads, so it needs one.
            new Thread(Close) { IsBackground = true, Name = "store close" }.UnsafeStart();
        }

        return new ValueTask(_closed.Task);
    }

    private void Close()
    {
        _writer.Dispose();
        _readers.Dispose();
        _checkpoints.Dispose();
        _connection.Dispose(); // The last one: moves the log to the file.
        _closed.SetResult();
    }
}
