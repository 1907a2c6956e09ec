using System.Runtime.InteropServices;

namespace Drover.Coroutines;

/// <summary>
/// Sleeps in ppoll(2), which keeps nanoseconds where the framework's waits round to milliseconds, on an eventfd for
/// wake-ups and an epoll set for files. The files are one-shot: each call of Watch reports once.
/// </summary>
internal sealed unsafe partial class LinuxPoller : Poller
{
    private readonly int _wake = Checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
    private readonly int _epoll = Checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    private readonly Dictionary<int, Action> _watched = [];
    private readonly Lock _gate = new();
    private bool _isDisposed;
    private readonly byte[] _events = new byte[MaxEvents * EventSize];

    internal override void Wait(long nanoseconds)
    {
        if (SleepsUntilFile(nanoseconds))
        {
            Deliver();
        }
    }

    internal override void WaitOnly(long nanoseconds) => SleepsUntilFile(nanoseconds);

    internal override void Poll()
    {
        if (_watched.Count > 0)
        {
            Deliver();
        }
    }

    /// <summary>Sleeps; true when a file was ready.</summary>
    private bool SleepsUntilFile(long nanoseconds)
    {
        PollFd* fds = stackalloc PollFd[2];
        fds[0] = new PollFd { Fd = _wake, Events = POLLIN };
        fds[1] = new PollFd { Fd = _epoll, Events = POLLIN };
        var limit = new TimeSpec { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        if (ppoll(fds, 2, nanoseconds == Durations.Never ? null : &limit, null) <= 0)
        {
            return false; // The time is over, or a signal interrupted: the loop looks again in either case.
        }

        if (fds[0].Returned != 0)
        {
            ulong count;
            _ = read(_wake, &count, sizeof(ulong));
        }

        return fds[1].Returned != 0;
    }

    internal override void Wake()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                ulong one = 1;
                _ = write(_wake, &one, sizeof(ulong));
            }
        }
    }

    internal override void Watch(int fileDescriptor, bool forWriting, Action ready)
    {
        byte* watched = stackalloc byte[EventSize];
        *(uint*)watched = (forWriting ? EPOLLOUT : EPOLLIN) | EPOLLRDHUP | EPOLLONESHOT;
        *(long*)(watched + DataOffset) = fileDescriptor;
        if (epoll_ctl(_epoll, EPOLL_CTL_MOD, fileDescriptor, watched) != 0)
        {
            Checked(epoll_ctl(_epoll, EPOLL_CTL_ADD, fileDescriptor, watched), "epoll_ctl");
        }

        _watched[fileDescriptor] = ready;
    }

    internal override void Unwatch(int fileDescriptor)
    {
        byte* unused = stackalloc byte[EventSize];
        _ = epoll_ctl(_epoll, EPOLL_CTL_DEL, fileDescriptor, unused);
        _watched.Remove(fileDescriptor);
    }

    public override void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true; // A late wake-up from another thread must not write to a number that is used anew.
            _ = close(_epoll);
            _ = close(_wake);
        }
    }

    private void Deliver()
    {
        fixed (byte* events = _events)
        {
            int count = epoll_wait(_epoll, events, MaxEvents, 0);
            for (int i = 0; i < count; i++)
            {
                int fileDescriptor = (int)*(long*)(events + (i * EventSize) + DataOffset);
                if (_watched.Remove(fileDescriptor, out Action? ready))
                {
                    ready();
                }
            }
        }
    }

    private static int Checked(int result, string call) => result >= 0
        ? result
        : throw new CoroutineException($"{call} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
}
