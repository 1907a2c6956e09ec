using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>What SQLite's errors mean to a person. Codes: https://sqlite.org/rescode.html</summary>
internal static class SqliteErrors
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int TooBig = 18;
    private const int Constraint = 19;
    private const int Mismatch = 20;
    private const int NotADatabase = 26;

    /// <summary>The error in words.</summary>
    /// <param name="error">What SQLite says.</param>
    /// <param name="path">The database.</param>
    internal static StorageException Translate(SqliteException error, string path)
    {
        (StorageFailure failure, string message) = error.SqliteErrorCode switch
        {
            Full => (StorageFailure.DiskFull,
                $"The disk that holds {path} is full, so nothing was stored. Make room there and try again; what was stored before is safe."),
            ReadOnly or CannotOpen => (StorageFailure.ReadOnly,
                $"{path} cannot be written by the user {Environment.UserName}. Give that user the right to write the file and its folder, or give another data folder with --data."),
            Busy or Locked => (StorageFailure.Busy,
                $"Another program keeps {path} locked. Close it (a database shell, a backup), then try again."),
            Corrupt => (StorageFailure.Corrupt,
                $"{path} is damaged. Stop the server, keep a copy of the file, and put a backup in its place."),
            NotADatabase => (StorageFailure.Corrupt,
                $"{path} is not a database. Move it away, or give another data folder with --data."),
            Constraint or TooBig or Mismatch => (StorageFailure.Refused,
                "The database refuses a change that contradicts what it holds."),
            _ => (StorageFailure.Other,
                $"{path} could not be read or written. Look at the system's log for errors of the disk."),
        };
        return new StorageException(failure, $"{message} ({Words(error)})", error);
    }

    /// <summary>Whether a change failed by itself, so that others would succeed.</summary>
    internal static bool IsOwnFault(Exception error) => error switch
    {
        SqliteException e => e.SqliteErrorCode is Constraint or TooBig or Mismatch,
        StorageException e => e.Failure == StorageFailure.Refused,
        _ => true,
    };

    // "SQLite Error 19: 'a job ends once'." without its frame.
    private static string Words(SqliteException error)
    {
        string[] parts = error.Message.Split('\'', 2);
        return parts.Length == 2 ? $"SQLite says: {parts[1].TrimEnd('.').TrimEnd('\'')}" : error.Message;
    }
}
