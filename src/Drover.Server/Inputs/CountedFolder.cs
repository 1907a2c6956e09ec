namespace Drover.Server.Inputs;

/// <summary>
/// How many bytes the files in the folder of a user have. They are counted once, when somebody first wants to know; from then
/// on whoever changes a file says so. Any thread.
/// </summary>
internal sealed class CountedFolder(string folder)
{
    /// <summary>Held while files go, and while all are counted: so each of those is either counted or subtracted.</summary>
    private readonly Lock _lock = new();
    private bool _isCounted;
    private long _bytes;

    /// <summary>As far as it was counted.</summary>
    internal long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Counts what is there, unless that was done. Blocks. No file grows meanwhile: uploads are admitted after this.</summary>
    internal void Count()
    {
        lock (_lock)
        {
            if (!_isCounted)
            {
                var files = new DirectoryInfo(folder);
                Add(files.Exists ? files.EnumerateFiles().Sum(file => file.Length) : 0);
                _isCounted = true;
            }
        }
    }

    /// <summary>A file has so many bytes more.</summary>
    internal void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Deletes a file, if it is there. Blocks. Who reads it reads on.</summary>
    internal void Delete(string path)
    {
        lock (_lock)
        {
            var file = new FileInfo(path);
            if (file.Exists)
            {
                long length = file.Length;
                file.Delete();
                Add(_isCounted ? -length : 0);
            }
        }
    }
}
