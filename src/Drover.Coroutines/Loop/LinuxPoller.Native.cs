using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Drover.Coroutines;

/// <content>The calls of libc, named as in their manual pages.</content>
[SuppressMessage("Style", "IDE1006", Justification = "Names of the manual pages.")]
internal sealed unsafe partial class LinuxPoller
{
    private const int MaxEvents = 64;
    private const int EFD_CLOEXEC = 0x80000;
    private const int EFD_NONBLOCK = 0x800;
    private const int EPOLL_CLOEXEC = 0x80000;
    private const int EPOLL_CTL_ADD = 1;
    private const int EPOLL_CTL_DEL = 2;
    private const int EPOLL_CTL_MOD = 3;
    private const uint EPOLLIN = 0x1;
    private const uint EPOLLOUT = 0x4;
    private const uint EPOLLERR = 0x8;
    private const uint EPOLLHUP = 0x10;
    private const uint EPOLLRDHUP = 0x2000;
    private const uint EPOLLONESHOT = 1u << 30;
    private const uint EPOLLET = 1u << 31;
    private const int ENOSYS = 38;
    private const nint SYS_epoll_pwait2 = 441;
    private const short POLLIN = 0x1;

    /// <summary>struct epoll_event is packed on x86-64 and nowhere else.</summary>
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + 8;

    /// <summary>Whether the kernel has epoll_pwait2 (Linux 5.11).</summary>
    private static bool s_hasWait2 = true;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int fileDescriptor, byte* watched);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, byte* events, int count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint epoll, byte* events, nint count, TimeSpec* timeout, void* signals);

    [LibraryImport("libc")]
    private static partial int ppoll(PollFd* fds, nuint count, TimeSpec* timeout, void* signals);

    [LibraryImport("libc")]
    private static partial nint read(int fileDescriptor, void* buffer, nuint count);

    [LibraryImport("libc")]
    private static partial nint write(int fileDescriptor, void* buffer, nuint count);

    [LibraryImport("libc")]
    private static partial int close(int fileDescriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        internal int Fd;
        internal short Events;
        internal short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        internal long Seconds;
        internal long Nanoseconds;

        internal static TimeSpec Of(long nanoseconds) =>
            new() { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
    }
}
