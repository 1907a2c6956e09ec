using Drover.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Drover.Simulation.Tests.Servers;

/// <summary>The file of the database: real SQLite with the real schema, in memory. It outlives servers.</summary>
internal sealed class SimDatabase : IDisposable
{
    private static readonly SqliteConnection s_empty = Make();

    internal SimDatabase()
    {
        Connection = Open();
        lock (s_empty)
        {
            s_empty.BackupDatabase(Connection);
        }

        using SqliteCommand settings = Connection.CreateCommand();
        settings.CommandText = "PRAGMA foreign_keys = ON; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF";
        settings.ExecuteNonQuery();
        Changes = new ChangeStatements(Connection, 0);
    }

    internal SqliteConnection Connection { get; }

    internal ChangeStatements Changes { get; }

    public void Dispose()
    {
        Changes.Dispose();
        Connection.Dispose();
    }

    private static SqliteConnection Open()
    {
        System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(Database).TypeHandle);
        var connection = new SqliteConnection("Data Source=:memory:;Pooling=False");
        connection.Open();
        return connection;
    }

    private static SqliteConnection Make()
    {
        SqliteConnection connection = Open();
        Migrations.Apply(connection, 0);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "INSERT INTO server VALUES ('id', 'simulated')";
        command.ExecuteNonQuery();
        return connection;
    }
}
