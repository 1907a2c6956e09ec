namespace Drover.Server.Storage;

/// <summary>The right to use a data folder. Disposing it removes <c>server.json</c> and lets another server in.</summary>
internal sealed class DataFolderLock : IDisposable
{
    private readonly FileStream _file;
    private readonly string _serverFile;

    /// <summary>Takes over a lock.</summary>
    /// <param name="file">The open lock file.</param>
    /// <param name="serverFile">What is of no use without the lock.</param>
    internal DataFolderLock(FileStream file, string serverFile)
    {
        _file = file;
        _serverFile = serverFile;
        File.Delete(serverFile); // Of a server that was killed.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Delete(_serverFile);
        _file.Dispose();
    }
}
