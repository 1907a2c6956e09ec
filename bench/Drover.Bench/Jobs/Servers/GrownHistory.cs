using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Drover.Bench.Jobs.Servers;

/// <summary>Makes a long history out of a short one, in the database of a server that does not run.</summary>
internal static class GrownHistory
{
    /// <summary>Copies every job, with all that is stored about it, until there are so many. Their numbers go on.</summary>
    /// <param name="data">The data folder. All its jobs have ended; their numbers are those from 1.</param>
    /// <param name="jobs">How many there are.</param>
    /// <param name="wanted">How many there are to be.</param>
    public static void Grow(string data, int jobs, int wanted)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(data, "drover.db"),
            Pooling = false,
        }.ToString());
        connection.Open();
        Run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000");
        var events = Ask("SELECT max(sequence) FROM events").Single();
        var triggers = Ask("SELECT name FROM sqlite_master WHERE type = 'trigger'");
        var statements = Ask("SELECT sql FROM sqlite_master WHERE type = 'trigger'");
        triggers.ForEach(trigger => Run($"DROP TRIGGER {trigger}")); // They would see to it that jobs begin at their beginning.
        foreach (var (table, key, step) in new[] { ("jobs", "id", $"{jobs}"), ("attempts", "job", $"{jobs}"), ("events", "sequence", events) })
        {
            var columns = Ask($"SELECT name FROM pragma_table_info('{table}')");
            var copied = columns.Select(column =>
                column == key ? $"{column} + n * {step}" : column == "job" ? $"{column} + n * {jobs}" : column);
            Run($"""
                WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < {(wanted / jobs) - 1})
                INSERT INTO {table} ({string.Join(", ", columns)}) SELECT {string.Join(", ", copied)} FROM copies CROSS JOIN {table}
                """);
        }

        statements.ForEach(Run);
        Run("PRAGMA journal_mode = WAL");

        void Run(string sql)
        {
            using var command = connection.CreateCommand();
            (command.CommandText, command.CommandTimeout) = (sql, 0);
            command.ExecuteNonQuery();
        }

        List<string> Ask(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            using var reader = command.ExecuteReader();
            var found = new List<string>();
            while (reader.Read())
            {
                found.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
            }

            return found;
        }
    }
}
