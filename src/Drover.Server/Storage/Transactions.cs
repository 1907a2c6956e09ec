using Dapper;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>Runs statements as one transaction, and tells what went wrong first.</summary>
internal static class Transactions
{
    /// <summary>
    /// Begins, runs the body, commits. When that fails it is rolled back. Many errors, a full disk among them, have ended
    /// the transaction already: that there is none to roll back must not hide them.
    /// </summary>
    internal static void Run(SqliteConnection connection, Action body)
    {
        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            body();
            connection.Execute("COMMIT");
        }
        catch
        {
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                connection.Execute("ROLLBACK");
            }

            throw;
        }
    }
}
