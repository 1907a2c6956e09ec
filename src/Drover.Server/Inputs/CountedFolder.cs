using Drover.Server.Supervision;
using Microsoft.Win32.SafeHandles;

namespace Drover.Server.Inputs;

/// <summary>
/// What the files in the folder of a user take of the disk. They are counted once, when somebody first wants to know; from then
/// on whoever changes a file says so. Any thread.
/// </summary>
internal sealed class CountedFolder(string folder)
{
    /// <summary>What a file counts besides its bytes: without that, files with next to none would use up the disk's inodes.</summary>
    internal const int FileOverhead = 4 << 10;

    /// <summary>How the name of a file ends that is uploaded, or was until that broke.</summary>
    internal const string Unfinished = ".part";

    /// <summary>So many of those may be there: also without a quota a user cannot use up the disk's inodes.</summary>
    internal const int MostUnfinished = 10_000;

    /// <summary>How the name of a file ends that is about to be deleted.</summary>
    internal const string Aside = ".removed";

    /// <summary>Held while files come and go, and while all are counted: so each of those is either counted or added and subtracted.</summary>
    private readonly Lock _lock = new();
    private bool _isCounted;
    private long _bytes;
    private int? _unfinished; // Null until somebody wants to know.

    /// <summary>As far as it was counted.</summary>
    internal long Bytes => Volatile.Read(ref _bytes);

    /// <summary>What a file takes; nothing when it is not there.</summary>
    internal static long BytesOf(FileInfo file) => file.Exists ? file.Length + FileOverhead : 0;

    /// <summary>Counts what is there, unless that was done. Blocks. No file grows meanwhile: uploads are admitted after this.</summary>
    internal void Count()
    {
        lock (_lock)
        {
            if (!_isCounted)
            {
                var files = new DirectoryInfo(folder);
                Add(files.Exists ? files.EnumerateFiles().Sum(BytesOf) : 0);
                _isCounted = true;
            }
        }
    }

    /// <summary>A file has so many bytes more.</summary>
    internal void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Makes the file of an upload, which is not there yet, for reading and writing. Blocks.</summary>
    /// <exception cref="RequestRefusedException">There are too many of them.</exception>
    internal SafeFileHandle Create(string path)
    {
        lock (_lock)
        {
            _unfinished ??= Directory.EnumerateFiles(folder, "*" + Unfinished).Count();
            if (_unfinished >= MostUnfinished)
            {
                throw new RequestRefusedException(
                    "quotaExceeded",
                    $"{MostUnfinished:N0} uploads of yours have begun and not ended, and no more can begin: go on with those, or wait until they are removed, some days after they broke.");
            }

            SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
            _unfinished++;
            Add(_isCounted ? FileOverhead : 0);
            return file;
        }
    }

    /// <summary>A file that is complete takes its place; one that was there before is deleted. Blocks.</summary>
    /// <param name="part">The file.</param>
    /// <param name="path">Its place.</param>
    /// <param name="whenThere">What follows, before anybody can delete it.</param>
    internal void Keep(string part, string path, Action whenThere)
    {
        lock (_lock)
        {
            Delete(path);
            File.Move(part, path);
            _unfinished--;
            whenThere();
        }
    }

    /// <summary>Moves a file aside, to be deleted, unless it is needed. Blocks.</summary>
    /// <returns>Where it is now; null when it is needed, or not there.</returns>
    internal string? SetAside(string path, Func<bool> isNeeded)
    {
        lock (_lock)
        {
            if (isNeeded() || !File.Exists(path))
            {
                return null;
            }

            string aside = path + Aside;
            File.Move(path, aside, overwrite: true);
            return aside;
        }
    }

    /// <summary>Deletes a file, if it is there. Blocks. Who reads it reads on.</summary>
    internal void Delete(string path)
    {
        lock (_lock)
        {
            var file = new FileInfo(path);
            if (file.Exists)
            {
                long bytes = BytesOf(file);
                file.Delete();
                _unfinished -= path.EndsWith(Unfinished, StringComparison.Ordinal) ? 1 : 0;
                Add(_isCounted ? -bytes : 0);
            }
        }
    }
}
