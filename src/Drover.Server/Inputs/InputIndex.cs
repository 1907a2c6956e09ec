using System.Collections.Concurrent;
using System.Text;
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
internal sealed class InputIndex : IAsyncDisposable
{
    private const long RoomWorthGivingBack = 64 << 20;

    /// <summary>What a small content takes besides its bytes, about.</summary>
    private const int Overhead = 200;

    private readonly WorkQueue<Action> _queue = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, long> _smallBytes = new(StringComparer.Ordinal); // Only the thread writes it.
    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly Statement _put;
    private readonly Statement _putContent;
    private readonly Statement _lastContent;
    private readonly Statement _use;
    private readonly Statement _find;
    private readonly Statement _read;

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

        _put = new Statement(_connection, "INSERT INTO known VALUES ($user, $hash, $length, $used, $content) ON CONFLICT DO NOTHING");
        _putContent = new Statement(_connection, "INSERT INTO contents VALUES ($id, $content)");
        _lastContent = new Statement(_connection, "SELECT coalesce(max(id), 0) FROM contents");
        _use = new Statement(_connection, "UPDATE known SET used_at = $used WHERE user = $user AND hash = $hash");
        _find = new Statement(_connection, "SELECT length, used_at, content IS NULL FROM known WHERE user = $user AND hash = $hash");
        _read = new Statement(_connection, "SELECT c.content FROM known k JOIN contents c ON c.id = k.content WHERE k.user = $user AND k.hash = $hash");
        new Thread(Work) { IsBackground = true, Name = "inputs" }.UnsafeStart();
    }

    /// <summary>What is known of each of these contents, null where there is none; and from now on they count as used now.</summary>
    internal Task<KnownContent?[]> UseAsync(string user, IReadOnlyList<string> hashes, DateTimeOffset now) => RunAsync(() =>
    {
        byte[] name = Encoding.UTF8.GetBytes(user);
        var found = new KnownContent?[hashes.Count];
        var stale = new List<string>();
        for (int i = 0; i < hashes.Count; i++)
        {
            found[i] = Find(name, hashes[i]);
            if (found[i] is { } known && now - known.UsedAt > TimeSpan.FromHours(1)) // Not a write for each question.
            {
                stale.Add(hashes[i]);
            }
        }

        if (stale.Count > 0)
        {
            Transactions.Run(_connection, () => stale.ForEach(hash => _use.Run(Columns.Microseconds(now), user, SqlValue.Blob(Convert.FromHexString(hash)))));
        }

        return found;
    });

    /// <summary>Stores small contents, all or none. Those that are there count as used now.</summary>
    internal Task AddAsync(string user, IReadOnlyList<SmallContent> contents, InputAdmission? pack, DateTimeOffset now) => RunAsync(() =>
    {
        byte[] name = Encoding.UTF8.GetBytes(user);
        long used = Columns.Microseconds(now);
        long added = 0;
        Transactions.Run(_connection, () =>
        {
            Span<long> last = stackalloc long[1];
            _lastContent.TryRead(last);
            long id = last[0] + 1;
            foreach (SmallContent each in contents)
            {
                if (_put.Run(name, SqlValue.Blob(each.Hash), each.Bytes.Length, used, id) == 0)
                {
                    _use.Run(used, name, SqlValue.Blob(each.Hash));
                }
                else
                {
                    _putContent.Run(id++, SqlValue.Blob(each.Bytes));
                    added += each.Bytes.Length + Overhead;
                }
            }
        });
        if (pack is null)
        {
            CountSmall(user, added);
        }
        else
        {
            pack.Store(() => CountSmall(user, added));
        }

        return true;
    });

    /// <summary>Notes that a large content is there, as a file.</summary>
    internal Task AddLargeAsync(string user, string hash, long length, DateTimeOffset now) => RunAsync(() =>
    {
        byte[] sha256 = Convert.FromHexString(hash);
        return _put.Run(user, SqlValue.Blob(sha256), length, Columns.Microseconds(now), SqlValue.Null) == 1
            || _use.Run(Columns.Microseconds(now), user, SqlValue.Blob(sha256)) == 1;
    });

    /// <summary>Reads small contents, in the order of their hashes.</summary>
    /// <exception cref="StorageException">In the task: one of them is not there.</exception>
    internal Task<byte[][]> ReadAsync(string user, IReadOnlyList<string> hashes) => RunAsync(() =>
    {
        byte[] name = Encoding.UTF8.GetBytes(user);
        return hashes.Select(each => _read.ReadBlob(name, SqlValue.Blob(Convert.FromHexString(each)))
            ?? throw new StorageException(StorageFailure.Other, $"The content {each} is not in {_path} any more.")).ToArray();
    });

    /// <summary>Drops contents that were not used since a time and are not kept. Returns how many.</summary>
    /// <param name="before">The time.</param>
    /// <param name="kept">What has to stay.</param>
    internal Task<int> DropAsync(
        DateTimeOffset before, IReadOnlySet<(string User, string Hash)> kept) => RunAsync(() =>
    {
        List<(string User, string Hash, long Length, long? Content)> unused =
        [
            .. _connection.Query<(string, byte[], long, long?)>("SELECT user, hash, length, content FROM known WHERE used_at < $before", new { before = Columns.Microseconds(before) })
                .Select(row => (row.Item1, Convert.ToHexStringLower(row.Item2), row.Item3, row.Item4))
                .Where(row => !kept.Contains((row.Item1, row.Item2))),
        ];
        using var drop = new Statement(_connection, "DELETE FROM known WHERE user = $user AND hash = $hash");
        using var dropContent = new Statement(_connection, "DELETE FROM contents WHERE id = $id");
        Transactions.Run(_connection, () => unused.ForEach(row =>
        {
            drop.Run(row.User, SqlValue.Blob(Convert.FromHexString(row.Hash)));
            _ = row.Content is { } id ? dropContent.Run(id) : 0;
        }));
        foreach ((string user, _, long length, _) in unused.Where(row => row.Content is not null))
        {
            CountSmall(user, -(length + Overhead));
        }

        GiveRoomBack();
        return unused.Count;
    });

    /// <summary>Whether the user has a large content of this length.</summary>
    internal Task<bool> HasLengthAsync(string user, long length) => RunAsync(() =>
        _connection.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM known WHERE user = $user AND length = $length AND content IS NULL)", new { user, length }) != 0);

    /// <summary>Counts the user's small contents, unless that was done before.</summary>
    internal Task CountSmallAsync(string user) => _smallBytes.ContainsKey(user) ? Task.CompletedTask : RunAsync(() =>
        _smallBytes.GetOrAdd(user, _ => _connection.ExecuteScalar<long>(
            "SELECT coalesce(sum(length + $overhead), 0) FROM known WHERE user = $user AND content IS NOT NULL", new { user, overhead = Overhead })));

    /// <summary>How much the user's small contents take, once they were counted.</summary>
    internal long SmallBytes(string user) => _smallBytes.GetValueOrDefault(user);

    /// <summary>Does something with all large contents that are known, while none becomes known.</summary>
    internal Task<T> WithLargeAsync<T>(Func<IEnumerable<(string User, string Hash)>, T> work) => RunAsync(() =>
        work(_connection.Query<(string, byte[])>("SELECT user, hash FROM known WHERE content IS NULL")
            .Select(row => (row.Item1, Convert.ToHexStringLower(row.Item2)))));

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
                PRAGMA cache_size = -16384; PRAGMA foreign_keys = OFF;
                CREATE TABLE IF NOT EXISTS contents (id INTEGER PRIMARY KEY, content BLOB NOT NULL);
                CREATE TABLE IF NOT EXISTS known (
                    user    TEXT    NOT NULL,
                    hash    BLOB    NOT NULL CHECK (length(hash) = 32),
                    length  INTEGER NOT NULL CHECK (length >= 0),
                    used_at INTEGER NOT NULL CHECK (typeof(used_at) = 'integer'),
                    content INTEGER, -- The id among contents; null: it is large, and a file.
                    PRIMARY KEY (user, hash)
                ) WITHOUT ROWID;
                CREATE INDEX IF NOT EXISTS large_by_length ON known (user, length) WHERE content IS NULL;
                """);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A user has more small contents, or less.</summary>
    private void CountSmall(string user, long bytes)
    {
        if (_smallBytes.TryGetValue(user, out long before)) // Otherwise nobody has asked yet.
        {
            _smallBytes[user] = before + bytes;
        }
    }

    private KnownContent? Find(byte[] user, string hash)
    {
        Span<long> row = stackalloc long[3];
        return _find.TryRead(row, user, SqlValue.Blob(Convert.FromHexString(hash)))
            ? new KnownContent(row[0], DateTimeOffset.UnixEpoch.AddTicks(row[1] * TimeSpan.TicksPerMicrosecond), row[2] != 0)
            : null;
    }

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
        _lastContent.Dispose();
        _use.Dispose();
        _find.Dispose();
        _read.Dispose();
        _connection.Dispose();
        _closed.SetResult();
    }
}
