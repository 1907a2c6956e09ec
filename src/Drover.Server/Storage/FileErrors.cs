namespace Drover.Server.Storage;

/// <summary>What errors of the file system mean to a person.</summary>
internal static class FileErrors
{
    private const int NoSpace = 28; // ENOSPC
    private const int QuotaExceeded = 122; // EDQUOT
    private const int ReadOnlyFileSystem = 30; // EROFS

    /// <summary>The error in words.</summary>
    /// <param name="error">What the framework says.</param>
    /// <param name="path">The file or folder.</param>
    internal static StorageException Translate(Exception error, string path) => error switch
    {
        UnauthorizedAccessException or { HResult: ReadOnlyFileSystem } => new(
            StorageFailure.ReadOnly,
            $"{path} cannot be written by the user {Environment.UserName}. Give that user the right to write there, or give another data folder with --data. ({error.Message})",
            error),
        { HResult: NoSpace or QuotaExceeded } => new(
            StorageFailure.DiskFull,
            $"The disk that holds {path} is full. Make room there and try again; what was stored before is safe.",
            error),
        _ => new(StorageFailure.Other, $"{path} cannot be used: {error.Message}", error),
    };
}
