using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Drover.Agent.Keeper;

/// <summary>The calls of libc that the keeper needs, named as in their manual pages.</summary>
[SuppressMessage("Style", "IDE1006", Justification = "Names of the manual pages.")]
internal static unsafe partial class Libc
{
    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int EACCES = 13;
    internal const int ENOTDIR = 20;
    internal const int EEXIST = 17;

    internal const int O_RDONLY = 0;
    internal const int O_RDWR = 2;
    internal const int O_CREAT = 0x40;
    internal const int O_NOCTTY = 0x100;
    internal const int O_APPEND = 0x400;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;
    internal const int O_PATH = 0x200000;

    internal const int AT_FDCWD = -100;
    internal const int AT_SYMLINK_NOFOLLOW = 0x100;
    internal const int AT_EACCESS = 0x200;
    internal const int R_OK = 4;
    internal const uint STATX_TYPE = 1;
    internal const int S_IFMT = 0xF000;
    internal const int S_IFREG = 0x8000;

    internal const int LOCK_EX = 2;
    internal const int LOCK_NB = 4;
    internal const int WNOHANG = 1;
    internal const int PR_SET_CHILD_SUBREAPER = 36;
    internal const int SIGKILL = 9;
    internal const int SIGTERM = 15;
    internal const int SIGCONT = 18;
    internal const int CLOCK_BOOTTIME = 7;
    internal const int SC_CLK_TCK = 2;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int close(int file);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint read(int file, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint write(int file, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ftruncate(int file, long length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int flock(int file, int operation);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statx(int folder, string path, int flags, uint mask, byte* facts);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int faccessat(int folder, string path, int mode, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mkdir(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int chmod(string path, uint mode);

    /// <summary>Without a buffer it gives one, to be freed.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial byte* realpath(string path, byte* buffer);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rmdir(string path);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int waitpid(int pid, int* status, int options);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int prctl(int option, nint first, nint second, nint third, nint fourth);

    [LibraryImport("libc")]
    internal static partial long sysconf(int name);

    [LibraryImport("libc")]
    internal static partial int clock_gettime(int clock, Moment* moment);

    [LibraryImport("libc")]
    internal static partial int getrusage(int who, ResourceUsage* usage);

    internal static string LastError() => ErrorText(Marshal.GetLastPInvokeError());

    internal static string ErrorText(int error)
    {
        string words = Marshal.GetPInvokeErrorMessage(error);
        return char.ToLowerInvariant(words[0]) + words[1..];
    }

    /// <summary>rusage, on 64-bit systems: only what is read of it is named.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 144)]
    internal struct ResourceUsage
    {
        [FieldOffset(32)]
        internal long MaxResidentKibibytes;
    }

    /// <summary>timespec, on 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Moment
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
