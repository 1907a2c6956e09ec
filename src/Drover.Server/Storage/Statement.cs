using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>One SQL statement, prepared once and run often: preparing costs more than running.</summary>
internal sealed partial class Statement : IDisposable
{
    private readonly SqliteCommand _command;

    /// <summary>Prepares it.</summary>
    /// <param name="connection">Where it runs.</param>
    /// <param name="sql">Its parameters are <c>$name</c>; values are given in the order in which they first appear.</param>
    internal Statement(SqliteConnection connection, string sql)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        foreach (string name in Parameter().Matches(sql).Select(m => m.Value).Distinct())
        {
            _command.Parameters.Add(new SqliteParameter { ParameterName = name, Value = DBNull.Value });
        }

        _command.Prepare();
    }

    /// <summary>Runs it and returns how many rows it changed.</summary>
    internal int Run(params ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return _command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public void Dispose() => _command.Dispose();

    [GeneratedRegex(@"\$\w+", RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();
}
