using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Storage;

/// <summary>
/// Moves what was committed from the write-ahead log to the database file, on a thread of its own: SQLite would do it
/// inside a commit, and whoever waited for that one would wait several times as long.
/// </summary>
internal sealed partial class Checkpoints : IDisposable
{
    // A change dirties about four pages. At a thousand pages SQLite would begin by itself.
    private const int ChangesBetween = 250;

    // 64 MiB. Commits that go on all the time keep the log from ever being all moved: it would grow and grow.
    private const int MaxPages = 16384;

    private readonly WorkQueue<int> _queue = new();
    private readonly Lock _moving = new();
    private readonly Database _database;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private SqliteConnection? _connection;
    private int _changes;
    private volatile bool _isTooLong;

    /// <summary>Starts the thread.</summary>
    /// <param name="database">Whose log.</param>
    /// <param name="log">Where failures are told.</param>
    internal Checkpoints(Database database, ILogger log)
    {
        _database = database;
        _log = log;
        _thread = new Thread(Work) { IsBackground = true, Name = "store checkpoints" };
        _thread.UnsafeStart();
    }

    /// <summary>So many changes were committed. Called by the thread that writes, between transactions.</summary>
    internal void Count(int changes)
    {
        if (_isTooLong)
        {
            Move(); // Nobody writes meanwhile, so all of it is moved, and the next commit begins the log anew.
        }

        _changes += changes;
        if (_changes >= ChangesBetween && _queue.TryAdd(_changes))
        {
            _changes = 0;
        }
    }

    /// <summary>Ends the thread. Blocks. What is still in the log is moved when the last connection closes.</summary>
    public void Dispose()
    {
        _queue.Close();
        _thread.Join();
        _connection?.Dispose();
    }

    private void Work()
    {
        var asked = new List<int>();
        while (_queue.TryTakeMany(asked, int.MaxValue))
        {
            asked.Clear();
            Move();
        }
    }

    private void Move()
    {
        lock (_moving)
        {
            try
            {
                // PASSIVE never waits for the writer, nor makes it wait. The others do, and a wait for a lock of this
                // SQLite is a second long.
                _connection ??= _database.OpenForCheckpoints();
                (_, int pages, _) = _connection.QuerySingle<(int, int, int)>("PRAGMA wal_checkpoint(PASSIVE)");
                _isTooLong = !_isTooLong && pages > MaxPages; // Not twice in a row: a long read may keep it from being moved.
            }
            catch (SqliteException e)
            {
                LogFailure(SqliteErrors.Translate(e, _database.Path).Message); // Nothing is lost: the log holds it.
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The write-ahead log could not be moved to the database: {Message}")]
    private partial void LogFailure(string message);
}
