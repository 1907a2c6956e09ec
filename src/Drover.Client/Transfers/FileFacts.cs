using System.Runtime.InteropServices;

namespace Drover.Client.Transfers;

/// <summary>What a file is, and how to see that it has changed.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Mode">Its permissions.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="ModifiedAt">When it was last written, in nanoseconds where the system tells them.</param>
/// <param name="Identity">Which file of the system it is, whatever its name.</param>
internal readonly partial record struct FileFacts(FileKind Kind, int Mode, long Length, long ModifiedAt, (ulong Device, ulong File) Identity)
{
    private const int NotFollowing = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint BasicFacts = 0x7FF; // STATX_BASIC_STATS
    private const int Permissions = 0x1FF; // 0777

    /// <summary>What is at a path; null when there is nothing. Blocks briefly.</summary>
    /// <param name="path">The path.</param>
    /// <param name="followLink">Whether a symbolic link stands for what it leads to.</param>
    public static FileFacts? Of(string path, bool followLink) => OperatingSystem.IsLinux() ? Ask(path, followLink) : AskFramework(path, followLink);

    private static unsafe FileFacts? Ask(string path, bool followLink)
    {
        StatX facts;
        if (statx(CurrentFolder, path, followLink ? 0 : NotFollowing, BasicFacts, &facts) != 0)
        {
            return null;
        }

        FileKind kind = (facts.Mode & 0xF000) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Folder,
            0xA000 => FileKind.Link,
            0x1000 => FileKind.Pipe,
            0xC000 => FileKind.Socket,
            _ => FileKind.Device,
        };
        long modified = (facts.ModifiedSeconds * 1_000_000_000) + facts.ModifiedNanoseconds;
        return new FileFacts(
            kind, facts.Mode & Permissions, (long)facts.Size, modified, (((ulong)facts.DeviceMajor << 32) | facts.DeviceMinor, facts.Inode));
    }

    private static FileFacts? AskFramework(string path, bool followLink)
    {
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        if (info.LinkTarget is not null && followLink)
        {
            info = info.ResolveLinkTarget(returnFinalTarget: true) ?? info;
        }

        if (!info.Exists && info.LinkTarget is null)
        {
            return null;
        }

        FileKind kind = info.LinkTarget is not null ? FileKind.Link : info is DirectoryInfo ? FileKind.Folder : FileKind.File;
        int mode = OperatingSystem.IsWindows() ? (kind == FileKind.Folder ? 0x1ED : 0x1A4) : (int)info.UnixFileMode & Permissions;
        return new FileFacts(kind, mode, info is FileInfo file && kind == FileKind.File ? file.Length : 0, info.LastWriteTimeUtc.Ticks, default);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, StatX* facts);

    /// <summary>As statx(2) has it on every architecture; only what is read of it is named.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatX
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
