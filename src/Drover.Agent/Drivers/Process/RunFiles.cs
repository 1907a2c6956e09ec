using System.IO.Enumeration;
using System.Runtime.InteropServices;
using Drover.Agent.Keeper;
using Drover.Protocol.Files;
using Microsoft.Win32.SafeHandles;

namespace Drover.Agent.Drivers.Process;

/// <summary>The files of a run directory, for reading. No path leads out of it, not even through a symbolic link. Everything blocks.</summary>
/// <param name="fullPath">The run directory.</param>
internal sealed class RunFiles(string fullPath)
{
    /// <summary>The most entries in a list.</summary>
    internal const int MaxEntries = 10_000;

    /// <summary>The run directory.</summary>
    internal string FullPath => fullPath;

    /// <summary>Lists a folder and all below it, sorted. Links to folders are listed, but not followed.</summary>
    /// <exception cref="DriverException">There is no such folder, or the path leads out.</exception>
    internal FileList List(string path)
    {
        string root = RealPath(fullPath, "");
        string folder = RealPath(Locate(path), path);
        if (!IsInside(root, folder) || !Directory.Exists(folder))
        {
            throw NoSuch(path);
        }

        var entries = new List<FileEntry>();
        bool isTruncated = false;
        foreach (FileEntry entry in Enumerate(root, folder))
        {
            if (entries.Count == MaxEntries)
            {
                isTruncated = true;
                break;
            }

            entries.Add(entry);
        }

        entries.Sort(static (one, other) => string.CompareOrdinal(one.Path, other.Path));
        return new FileList { Directory = root, Entries = entries, IsTruncated = isTruncated };
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="DriverException">There is no such file, or the path leads out.</exception>
    internal FileStream Open(string path) => OpenInside(Locate(path), path);

    /// <summary>Opens what an attempt writes.</summary>
    /// <exception cref="DriverException">There is no such log.</exception>
    internal FileStream OpenLog(string path) => OpenInside(path, Path.GetFileName(path));

    /// <summary>
    /// Opens it first and then looks what was opened: a job could change a link between a look and the opening. A pipe is
    /// not waited for.
    /// </summary>
    private FileStream OpenInside(string full, string shown)
    {
        string root = RealPath(fullPath, "");
        int file = Libc.open(full, Libc.O_RDONLY | Libc.O_CLOEXEC | Libc.O_NONBLOCK | Libc.O_NOCTTY, 0);
        if (file < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw error == Libc.ENOENT ? NoSuch(shown) : new DriverException($"Cannot open '{shown}': {Libc.ErrorText(error)}.");
        }

        var handle = new SafeFileHandle(file, ownsHandle: true);
        try
        {
            if (!IsInside(root, RealPath($"/proc/self/fd/{file}", shown)) || File.GetAttributes(handle).HasFlag(FileAttributes.Directory))
            {
                throw NoSuch(shown);
            }

            var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0, isAsync: false);
            return stream.CanSeek ? stream : throw NoSuch(shown); // Otherwise it is a pipe or a device.
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static FileSystemEnumerable<FileEntry> Enumerate(string root, string folder) => new(
        folder,
        (ref FileSystemEntry entry) => new FileEntry
        {
            Path = Path.GetRelativePath(root, entry.ToFullPath()),
            IsDirectory = entry.IsDirectory,
            Length = entry.IsDirectory ? 0 : entry.Length,
            ModifiedAt = entry.LastWriteTimeUtc,
        },
        new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) =>
            !entry.FileName.StartsWith(AttemptFiles.Prefix)
            && (!IsLink(ref entry) || (TryRealPath(entry.ToFullPath()) is { } target && IsInside(root, target))),
        ShouldRecursePredicate = (ref FileSystemEntry entry) => !IsLink(ref entry),
    };

    private static bool IsLink(ref FileSystemEntry entry) => entry.Attributes.HasFlag(FileAttributes.ReparsePoint);

    private static bool IsInside(string root, string path) => path == root || path.StartsWith(root + '/', StringComparison.Ordinal);

    private static DriverException NoSuch(string path) => new($"There is no '{path}' in the run directory.", isNotFound: true);

    private string Locate(string path) => path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal) || path.Split('/').Contains("..")
        ? throw NoSuch(path)
        : Path.Combine(fullPath, path);

    private static string RealPath(string path, string shown) => TryRealPath(path) ?? throw NoSuch(shown);

    /// <summary>The path without any link in it; null when there is nothing.</summary>
    private static unsafe string? TryRealPath(string path)
    {
        byte* resolved = Libc.realpath(path, null);
        if (resolved is null)
        {
            return null;
        }

        string? text = Marshal.PtrToStringUTF8((nint)resolved);
        NativeMemory.Free(resolved);
        return text;
    }
}
