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
    internal const int AF_INET = 2;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int SHUT_RDWR = 2;
    internal static readonly nuint TIOCGWINSZ = OperatingSystem.IsLinux() ? 0x5413u : 0x40087468u;

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int poll(Poll* fds, nuint count, int timeout);

    [LibraryImport("libc")]
    internal static partial int isatty(int fd);

    [LibraryImport("libc")]
    internal static partial int ioctl(int fd, nuint request, WindowSize* size);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int connect(int fd, SocketAddress* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int shutdown(int fd, int how);

    /// <summary>An address of IPv4 (<c>sockaddr_in</c>), in network byte order.</summary>
    internal struct SocketAddress
    {
        public ushort Family;
        public ushort Port;
        public uint Address;
        public ulong Zero;
    }

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
