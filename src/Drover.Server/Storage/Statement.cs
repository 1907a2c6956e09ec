using System.Diagnostics;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Drover.Server.Storage;

/// <summary>One SQL statement, prepared once and run often: preparing costs more than running.</summary>
/// <remarks>
/// It speaks to SQLite's own functions. By <see cref="SqliteCommand"/>, with its parameters and a reader for each run, a
/// third of the writer's time went there. It does not wait for locks: a transaction that has begun holds them.
/// </remarks>
internal sealed class Statement : IDisposable
{
    private const int OnStack = 512;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private byte[] _utf8 = [];

    /// <summary>Prepares it.</summary>
    /// <param name="connection">Where it runs.</param>
    /// <param name="sql">
    /// Its parameters are <c>$name</c>; values are given in the order in which they first appear, which is how SQLite
    /// numbers them.
    /// </param>
    /// <exception cref="SqliteException">It is no statement of this database.</exception>
    internal Statement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    /// <summary>Runs it and returns how many rows it changed.</summary>
    /// <exception cref="SqliteException">It failed, or the database refuses it.</exception>
    internal int Run(params ReadOnlySpan<SqlValue> values)
    {
        try
        {
            Begin(values);
            return raw.sqlite3_changes(_database);
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement); // Fails when the step did, with the same error.
        }
    }

    /// <summary>Runs it and reads the first row, whose columns are numbers; false when there is none.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    internal bool TryRead(Span<long> numbers, params ReadOnlySpan<SqlValue> values)
    {
        try
        {
            bool isThere = Begin(values) == raw.SQLITE_ROW;
            for (int i = 0; isThere && i < numbers.Length; i++)
            {
                numbers[i] = raw.sqlite3_column_int64(_statement, i);
            }

            return isThere;
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    /// <summary>Runs it and reads the blob in the first row; null when there is no row.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    internal byte[]? ReadBlob(params ReadOnlySpan<SqlValue> values)
    {
        try
        {
            return Begin(values) == raw.SQLITE_ROW ? raw.sqlite3_column_blob(_statement, 0).ToArray() : null;
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _statement.Dispose();

    private int Begin(ReadOnlySpan<SqlValue> values)
    {
        Debug.Assert(values.Length == raw.sqlite3_bind_parameter_count(_statement), "A value is missing, or there is one too many.");
        for (int i = 0; i < values.Length; i++)
        {
            Check(Bind(i + 1, values[i]));
        }

        int result = raw.sqlite3_step(_statement);
        Check(result);
        return result;
    }

    private int Bind(int place, in SqlValue value) => value switch
    {
        { IsBlob: true, Bytes.IsEmpty: true } => raw.sqlite3_bind_zeroblob(_statement, place, 0), // An empty span would be NULL.
        { IsBlob: true } => raw.sqlite3_bind_blob(_statement, place, value.Bytes.Span),
        { IsNumber: true } => raw.sqlite3_bind_int64(_statement, place, value.Number),
        { Text: string text } => Bind(place, text),
        { Text: byte[] utf8 } => raw.sqlite3_bind_text(_statement, place, (ReadOnlySpan<byte>)utf8),
        _ => raw.sqlite3_bind_null(_statement, place),
    };

    private int Bind(int place, string text)
    {
        if (text.Length == 0)
        {
            return raw.sqlite3_bind_text(_statement, place, ""); // An empty span has no address, and would be NULL.
        }

        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> utf8 = most <= OnStack ? stackalloc byte[OnStack] : most <= _utf8.Length ? _utf8 : _utf8 = new byte[most];
        return raw.sqlite3_bind_text(_statement, place, utf8[..Encoding.UTF8.GetBytes(text, utf8)]); // SQLite copies it.
    }

    private void Check(int result)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            SqliteException.ThrowExceptionForRC(result, _database);
        }
    }
}
