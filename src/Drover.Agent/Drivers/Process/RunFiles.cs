using System.IO.Enumeration;
using System.Runtime.InteropServices;
using Drover.Agent.Keeper;
using Drover.Agent.Ops;
using Drover.Protocol.Files;
using Microsoft.Win32.SafeHandles;

namespace Drover.Agent.Drivers.Process;

/// <summary>The files of a run directory, for reading. No path leads out of it, not even through a symbolic link. Everything blocks.</summary>
/// <param name="fullPath">The run directory.</param>
internal sealed class RunFiles(string fullPath)
{
    /// <summary>The most entries in a list.</summary>
    internal const int MaxEntries = 10_000;

    private static readonly EnumerationOptions s_everything =
        new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true };

    /// <summary>The run directory.</summary>
    internal string FullPath => fullPath;

    /// <summary>Lists a folder and all below it, sorted. Links to folders are listed, but not followed.</summary>
    /// <exception cref="DriverException">There is no such folder, or the path leads out.</exception>
    internal FileList List(string path)
    {
        (string root, string folder) = OpenFolder(path);
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

    /// <summary>
    /// Finds what goes into an archive of a folder, sorted. Links that lead to another place in it stay links, others in the
    /// run directory stand for the file they lead to, and those that lead out of it are left out, as pipes and devices are.
    /// Of folders that cannot be read nobody knows what fits: those are marked.
    /// </summary>
    /// <param name="path">The folder; empty for the run directory.</param>
    /// <param name="patterns">Which files; null for all.</param>
    /// <exception cref="DriverException">There is no such folder, no file fits, or a name cannot be expressed.</exception>
    internal IReadOnlyList<ArchiveEntry> Select(string path, IReadOnlyList<string>? patterns)
    {
        (string root, string folder) = OpenFolder(path);
        Glob[]? globs = patterns is null ? null : [.. patterns.Select(pattern => new Glob(pattern))];
        var entries = new List<ArchiveEntry>();
        foreach ((string full, bool isFolder, bool isLink, long length) in Found(root, folder))
        {
            string name = Path.GetRelativePath(folder, full);
            if (isFolder && IsUnreadable(full))
            {
                if (globs is null || globs.Any(glob => glob.ReachesInto(name)))
                {
                    entries.Add(new ArchiveEntry(name, Path.GetRelativePath(root, full), Target: null, isFolder, length, IsUnreadable: true));
                }
            }
            else if (globs is null || globs.Any(glob => glob.Fits(name)))
            {
                entries.AddRange(ToArchive(root, folder, full, name, isFolder, isLink, length));
            }
        }

        if (globs is not null && entries.Count == 0)
        {
            throw new DriverException($"No file in the run directory fits {string.Join(", ", patterns!.Select(InputRules.Show))}.", isNotFound: true);
        }

        entries.Sort(static (one, other) => string.CompareOrdinal(one.Path, other.Path));
        return entries;
    }

    private (string Root, string Folder) OpenFolder(string path)
    {
        string root = RealPath(fullPath, "");
        string folder = RealPath(Locate(path), path);
        return !IsInside(root, folder) || !Directory.Exists(folder) ? throw NoSuch(path)
            : IsUnreadable(folder) ? throw CannotOpen(path, Libc.EACCES)
            : (root, folder);
    }

    private static IEnumerable<ArchiveEntry> ToArchive(
        string root, string folder, string full, string name, bool isFolder, bool isLink, long length)
    {
        string source = Path.GetRelativePath(root, full);
        if (!isLink)
        {
            if (name.Contains('\uFFFD', StringComparison.Ordinal) && !Path.Exists(full))
            {
                throw new DriverException(
                    $"The name of {InputRules.Show(source)} is no valid UTF-8, so it cannot be fetched under it: have the job rename it, or choose other files.");
            }

            return isFolder || IsRegular(full) ? [new ArchiveEntry(name, source, Target: null, isFolder, length)] : [];
        }

        string target = new FileInfo(full).LinkTarget ?? "";
        return InputRules.LinkFault(name, target) is null ? [new ArchiveEntry(name, source, target, IsFolder: false, Length: 0)]
            : File.Exists(full) ? [new ArchiveEntry(name, source, Target: null, IsFolder: false, new FileInfo(full).Length)]
            : [];
    }

    /// <summary>Whether it is a file, and no pipe, socket or device: those have no content to read to an end.</summary>
    private static unsafe bool IsRegular(string full)
    {
        const int ModeAt = 28; // In the struct of statx(2), which is the same on every architecture.
        byte* facts = stackalloc byte[256];
        return Libc.statx(Libc.AT_FDCWD, full, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_TYPE, facts) != 0 // Whether it can be read shows when it is opened.
            || (*(ushort*)(facts + ModeAt) & Libc.S_IFMT) == Libc.S_IFREG;
    }

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
            throw error is Libc.ENOENT or Libc.ENOTDIR ? NoSuch(shown) : CannotOpen(shown, error);
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

    private static FileSystemEnumerable<(string Full, bool IsFolder, bool IsLink, long Length)> Found(string root, string folder) => new(
        folder,
        (ref FileSystemEntry entry) => (entry.ToFullPath(), entry.IsDirectory && !IsLink(ref entry), IsLink(ref entry), entry.IsDirectory ? 0 : entry.Length),
        s_everything)
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => IsShown(ref entry, root),
        ShouldRecursePredicate = (ref FileSystemEntry entry) => !IsLink(ref entry),
    };

    private static FileSystemEnumerable<FileEntry> Enumerate(string root, string folder) => new(
        folder,
        (ref FileSystemEntry entry) => new FileEntry
        {
            Path = Path.GetRelativePath(root, entry.ToFullPath()),
            IsDirectory = entry.IsDirectory,
            Length = entry.IsDirectory ? 0 : entry.Length,
            ModifiedAt = FileTimes.WrittenAt(ref entry),
            IsUnreadable = IsUnreadable(entry.ToFullPath()),
        },
        s_everything)
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => IsShown(ref entry, root),
        ShouldRecursePredicate = (ref FileSystemEntry entry) => !IsLink(ref entry),
    };

    /// <summary>Not Drover's own files, and no links that lead out.</summary>
    private static bool IsShown(ref FileSystemEntry entry, string root) =>
        !entry.FileName.StartsWith(AttemptFiles.Prefix)
        && (!IsLink(ref entry) || (TryRealPath(entry.ToFullPath()) is { } target && IsInside(root, target)));

    private static bool IsLink(ref FileSystemEntry entry) => entry.Attributes.HasFlag(FileAttributes.ReparsePoint);

    private static bool IsInside(string root, string path) => path == root || path.StartsWith(root + '/', StringComparison.Ordinal);

    private static DriverException NoSuch(string path) => new($"There is no '{path}' in the run directory.", isNotFound: true);

    private static DriverException CannotOpen(string path, int error) => new(
        $"Cannot open {(path.Length == 0 ? "the run directory" : $"'{path}'")}: {Libc.ErrorText(error)}.", isForbidden: error is Libc.EACCES or Libc.EPERM);

    /// <summary>Whether the agent has no right to read it.</summary>
    private static bool IsUnreadable(string full) =>
        Libc.faccessat(Libc.AT_FDCWD, full, Libc.R_OK, Libc.AT_EACCESS) != 0 && Marshal.GetLastPInvokeError() == Libc.EACCES;

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
