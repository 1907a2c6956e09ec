using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Drover.Cli.Consoles;

/// <summary>The calls of libc that a terminal program needs, named as in their manual pages.</summary>
[SuppressMessage("Style", "IDE1006", Justification = "Names of the manual pages.")]
internal static unsafe partial class Libc
{
    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const int EPIPE = 32;
    internal const short POLLOUT = 4;
    internal static readonly nuint TIOCGWINSZ = OperatingSystem.IsLinux() ? 0x5413u : 0x40087468u;

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int poll(Poll* fds, nuint count, int timeout);

    [LibraryImport("libc")]
    internal static partial int isatty(int fd);

    [LibraryImport("libc")]
    internal static partial int ioctl(int fd, nuint request, WindowSize* size);

    internal struct Poll
    {
        public int Fd;
        public short Events;
        public short Revents;
    }

    internal struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }
}
