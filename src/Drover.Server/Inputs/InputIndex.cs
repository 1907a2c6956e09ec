using System.Text.RegularExpressions;
using Dapper;
using Drover.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Inputs;

/// <summary>
/// Which contents there are of each user, since when they were not used, and those that are small themselves. A database of
/// its own, so that bulk does not hold up the commits of jobs; one thread works on it, first come first served.
/// </summary>
/// <remarks>
/// No write-ahead log: contents are written once, behind each other, and would be written twice. What a call returned is on
/// disk.
/// </remarks>
internal sealed partial class InputIndex : IAsyncDisposable
{
    private const long RoomWorthGivingBack = 64 << 20;

    private readonly WorkQueue<Action> _queue = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _put;
    private readonly SqliteCommand _putContent;
    private readonly SqliteCommand _use;
    private readonly SqliteCommand _find;

    /// <summary>Opens it. Blocks.</summary>
    /// <exception cref="StorageException">It cannot be used.</exception>
    internal InputIndex(string path)
    {
        _path = path;
        try
        {
            _connection = Open(path);
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Translate(e, path);
        }

        _put = Prepare("INSERT INTO known VALUES ($user, $hash, $length, $used, $content) ON CONFLICT DO UPDATE SET used_at = excluded.used_at");
        _putContent = Prepare("INSERT INTO contents (content) VALUES ($content)");
        _use = Prepare("UPDATE known SET used_at = $used WHERE user = $user AND hash = $hash");
        _find = Prepare("SELECT length, used_at, content FROM known WHERE user = $user AND hash = $hash");
        new Thread(Work) { IsBackground = true, Name = "inputs" }.UnsafeStart();
    }

    /// <summary>What is known of each of these contents, null where there is none; and from now on they count as used now.</summary>
    internal Task<KnownContent?[]> UseAsync(string user, IReadOnlyList<string> hashes, DateTimeOffset now) => RunAsync(() =>
    {
        var found = new KnownContent?[hashes.Count];
        var stale = new List<string>();
        for (int i = 0; i < hashes.Count; i++)
        {
            found[i] = Find(user, hashes[i]);
            if (found[i] is { } known && now - known.UsedAt > TimeSpan.FromHours(1)) // Not a write for each question.
            {
                stale.Add(hashes[i]);
            }
        }

        if (stale.Count > 0)
        {
            Transactions.Run(_connection, () => stale.ForEach(hash => Run(_use, Columns.Microseconds(now), user, Convert.FromHexString(hash))));
        }

        return found;
    });

    /// <summary>Stores small contents, all or none.</summary>
    internal Task AddAsync(string user, IReadOnlyList<(string Hash, byte[] Content)> contents, DateTimeOffset now) => RunAsync(() =>
    {
        Transactions.Run(_connection, () =>
        {
            foreach ((string hash, byte[] content) in contents)
            {
                if (Find(user, hash) is null)
                {
                    Run(_putContent, content);
                    long id = SQLitePCL.raw.sqlite3_last_insert_rowid(_connection.Handle);
                    Run(_put, user, Convert.FromHexString(hash), (long)content.Length, Columns.Microseconds(now), id);
                }
            }
        });
        return true;
    });

    /// <summary>Notes that a large content is there, as a file.</summary>
    internal Task AddLargeAsync(string user, string hash, long length, DateTimeOffset now) => RunAsync(() =>
        Run(_put, user, Convert.FromHexString(hash), length, Columns.Microseconds(now), null));

    /// <summary>Reads small contents, in the order of their hashes.</summary>
    /// <exception cref="StorageException">In the task: one of them is not there.</exception>
    internal Task<byte[][]> ReadAsync(string user, IReadOnlyList<string> hashes) => RunAsync(() =>
    {
        using SqliteCommand read = Prepare("SELECT c.content FROM known k JOIN contents c ON c.id = k.content WHERE k.user = $user AND k.hash = $hash");
        return hashes.Select(each =>
        {
            Bind(read, user, Convert.FromHexString(each));
            return read.ExecuteScalar() as byte[]
                ?? throw new StorageException(StorageFailure.Other, $"The content {each} is not in {_path} any more.");
        }).ToArray();
    });

    /// <summary>Drops contents that were not used since a time and are not kept. Returns how many, and the large ones by user.</summary>
    /// <param name="before">The time.</param>
    /// <param name="kept">What has to stay.</param>
    internal Task<(int Count, IReadOnlyList<(string User, string Hash)> Large)> DropAsync(
        DateTimeOffset before, IReadOnlySet<(string User, string Hash)> kept) => RunAsync(() =>
    {
        List<(string User, string Hash, long? Content)> unused =
        [
            .. _connection.Query<(string, byte[], long?)>("SELECT user, hash, content FROM known WHERE used_at < $before", new { before = Columns.Microseconds(before) })
                .Select(row => (row.Item1, Convert.ToHexStringLower(row.Item2), row.Item3))
                .Where(row => !kept.Contains((row.Item1, row.Item2))),
        ];
        using SqliteCommand drop = Prepare("DELETE FROM known WHERE user = $user AND hash = $hash");
        using SqliteCommand dropContent = Prepare("DELETE FROM contents WHERE id = $id");
        Transactions.Run(_connection, () => unused.ForEach(row =>
        {
            Run(drop, row.User, Convert.FromHexString(row.Hash));
            _ = row.Content is { } id ? Run(dropContent, id) : 0;
        }));
        GiveRoomBack();
        IReadOnlyList<(string, string)> large = [.. unused.Where(row => row.Content is null).Select(row => (row.User, row.Hash))];
        return (unused.Count, large);
    });

    /// <summary>Whether the user has a content of this length.</summary>
    internal Task<bool> HasLengthAsync(string user, long length) => RunAsync(() =>
        _connection.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM known WHERE user = $user AND length = $length)", new { user, length }) != 0);

    /// <summary>All large contents that are known.</summary>
    internal Task<HashSet<(string User, string Hash)>> LargeAsync() => RunAsync(() =>
        _connection.Query<(string, byte[])>("SELECT user, hash FROM known WHERE content IS NULL")
            .Select(row => (row.Item1, Convert.ToHexStringLower(row.Item2))).ToHashSet());

    /// <summary>Does what was asked before, then closes it. Again: waits for the same.</summary>
    public ValueTask DisposeAsync()
    {
        _queue.Close();
        return new ValueTask(_closed.Task);
    }

    private static SqliteConnection Open(string path)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            connection.Execute(
                """
                PRAGMA page_size = 16384; PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL; PRAGMA locking_mode = EXCLUSIVE;
                PRAGMA cache_size = -16384;
                CREATE TABLE IF NOT EXISTS contents (id INTEGER PRIMARY KEY, content BLOB NOT NULL);
                CREATE TABLE IF NOT EXISTS known (
                    user    TEXT    NOT NULL,
                    hash    BLOB    NOT NULL CHECK (length(hash) = 32),
                    length  INTEGER NOT NULL CHECK (length >= 0),
                    used_at INTEGER NOT NULL CHECK (typeof(used_at) = 'integer'),
                    content INTEGER REFERENCES contents (id), -- Null: it is large, and a file.
                    PRIMARY KEY (user, hash)
                ) WITHOUT ROWID;
                CREATE INDEX IF NOT EXISTS known_by_length ON known (user, length);
                """);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private KnownContent? Find(string user, string hash)
    {
        Bind(_find, user, Convert.FromHexString(hash));
        using SqliteDataReader row = _find.ExecuteReader();
        return row.Read()
            ? new KnownContent(row.GetInt64(0), DateTimeOffset.UnixEpoch.AddTicks(row.GetInt64(1) * TimeSpan.TicksPerMicrosecond), row.IsDBNull(2))
            : null;
    }

    /// <summary>A statement that is prepared once and run often; its values are given in the order in which they first appear.</summary>
    private SqliteCommand Prepare(string sql)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (string name in Parameter().Matches(sql).Select(match => match.Value).Distinct())
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name, Value = DBNull.Value });
        }

        command.Prepare();
        return command;
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }

    private static int Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        Bind(command, values);
        return command.ExecuteNonQuery();
    }

    [GeneratedRegex(@"\$\w+", RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();

    /// <summary>Makes the file shorter when most of it is empty.</summary>
    private void GiveRoomBack()
    {
        long pages = _connection.ExecuteScalar<long>("PRAGMA page_count");
        long free = _connection.ExecuteScalar<long>("PRAGMA freelist_count");
        if (free > pages / 2 && free * _connection.ExecuteScalar<long>("PRAGMA page_size") > RoomWorthGivingBack)
        {
            _connection.Execute("VACUUM");
        }
    }

    private Task<T> RunAsync<T>(Func<T> work)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _queue.TryAdd(Run) ? answer.Task : Task.FromException<T>(new ObjectDisposedException(nameof(InputIndex)));

        void Run()
        {
            try
            {
                answer.SetResult(work());
            }
            catch (SqliteException e)
            {
                answer.SetException(SqliteErrors.Translate(e, _path));
            }
            catch (Exception e)
            {
                answer.SetException(e);
            }
        }
    }

    private void Work()
    {
        while (_queue.TryTake(out Action? work))
        {
            work();
        }

        _put.Dispose();
        _putContent.Dispose();
        _use.Dispose();
        _find.Dispose();
        _connection.Dispose();
        _closed.SetResult();
    }
}
