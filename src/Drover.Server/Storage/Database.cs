using Dapper;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>Opens connections to one database file, all with the same settings.</summary>
/// <param name="path">The file.</param>
internal sealed class Database(string path)
{
    private const int LockTimeoutSeconds = 5;

    static Database()
    {
        SQLitePCL.Batteries_V2.Init();
        Columns.Register();
    }

    /// <summary>The file.</summary>
    internal string Path { get; } = path;

    /// <summary>Opens the one connection that writes; makes the file, or brings it to the present version, when needed.</summary>
    /// <exception cref="StorageException">It cannot be used.</exception>
    internal SqliteConnection OpenForWriting(TimeProvider time)
    {
        SqliteConnection? connection = null;
        try
        {
            CreatePrivately();
            connection = Open(SqliteOpenMode.ReadWrite);
            int version = Migrations.Check(connection, Path);

            // FULL: a commit has reached the disk when it returns. A checkpoint is somebody else's, see Checkpoints.
            connection.Execute(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
                + "PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -32768");
            Migrations.Apply(connection, version);
            SeeThatItCanBeWritten(connection, time);
            return connection;
        }
        catch (SqliteException e)
        {
            connection?.Dispose();
            throw SqliteErrors.Translate(e, Path);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw FileErrors.Translate(e, Path);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection that only reads.</summary>
    internal SqliteConnection OpenForReading()
    {
        SqliteConnection connection = Open(SqliteOpenMode.ReadWrite); // WAL needs it: readers leave marks for the writer.
        connection.Execute("PRAGMA query_only = ON");
        return connection;
    }

    /// <summary>Opens a connection that moves what was written from the log to the file.</summary>
    internal SqliteConnection OpenForCheckpoints()
    {
        SqliteConnection connection = Open(SqliteOpenMode.ReadWrite);
        connection.Execute("PRAGMA synchronous = FULL");
        return connection;
    }

    private static void SeeThatItCanBeWritten(SqliteConnection connection, TimeProvider time)
    {
        Transactions.Run(connection, () => connection.Execute(
            """
            INSERT INTO server VALUES ('id', lower(hex(randomblob(8)))) ON CONFLICT DO NOTHING;
            INSERT INTO server VALUES ('opened_at', $now) ON CONFLICT DO UPDATE SET value = excluded.value
            """,
            new { now = time.GetUtcNow().ToString("O") }));
    }

    private SqliteConnection Open(SqliteOpenMode mode)
    {
        // Pooling would keep the file open after the connection was closed.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = LockTimeoutSeconds,
        }.ToString());
        connection.Open();

        // The default timeout above holds: Microsoft.Data.Sqlite tries again each 150 ms. SQLite's own busy_timeout stays
        // zero, because this build of it sleeps whole seconds.
        return connection;
    }

    // SQLite would let everybody read it. The files beside it take their mode from this one.
    private void CreatePrivately()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // Closing a file drops every POSIX lock that this process has on it, SQLite's too: not when it is there already.
        if (!File.Exists(Path))
        {
            new FileStream(Path, options).Dispose();
        }
    }
}
