using System.Globalization;
using System.Reflection;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>
/// The numbered steps from an empty file to the present schema: the embedded files <c>Migrations/NNNN-what.sql</c>. One
/// that was released is never changed again. The database carries the number of the last step as its user_version.
/// </summary>
internal static class Migrations
{
    /// <summary>Says that a file is Drover's: "Drov" in ASCII, as SQLite's application_id.</summary>
    internal const int ApplicationId = 0x44726F76;

    private static readonly string[] s_steps = [.. Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(n => n.EndsWith(".sql", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)];

    /// <summary>The version of the schema that this code works with.</summary>
    internal static int Latest => s_steps.Length;

    /// <summary>Sees that the file is Drover's and no newer than this code, without writing to it.</summary>
    /// <returns>Its version; zero when it is empty.</returns>
    /// <exception cref="StorageException">It is not, or it is.</exception>
    internal static int Check(SqliteConnection connection, string path)
    {
        int application = connection.ExecuteScalar<int>("PRAGMA application_id");
        int version = connection.ExecuteScalar<int>("PRAGMA user_version");
        bool isEmpty = connection.ExecuteScalar<int>("SELECT count(*) FROM sqlite_master") == 0;
        if (application != ApplicationId && !(isEmpty && application == 0 && version == 0))
        {
            throw new StorageException(
                StorageFailure.Corrupt,
                $"{path} is a database, but not one of Drover's. Move it away, or give another data folder with --data.");
        }

        if (version > Latest)
        {
            throw new StorageException(
                StorageFailure.NewerVersion,
                Text($"{path} has version {version} of the database, and this Drover knows none above {Latest}: a newer Drover ")
                + "has used it. Install that one again, or give another data folder with --data.");
        }

        return version;
    }

    /// <summary>Takes the steps that are missing, each in a transaction of its own.</summary>
    internal static void Apply(SqliteConnection connection, int version)
    {
        for (int i = version; i < s_steps.Length; i++)
        {
            int step = i;
            Transactions.Run(connection, () =>
            {
                connection.Execute(Read(s_steps[step]));
                connection.Execute(Text($"PRAGMA user_version = {step + 1}; PRAGMA application_id = {ApplicationId}"));
            });
        }
    }

    private static string Read(string step)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(step)!);
        return reader.ReadToEnd();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
