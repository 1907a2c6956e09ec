using System.Runtime.InteropServices;

namespace Drover.Coroutines;

/// <summary>
/// Sleeps in epoll_pwait2(2), which keeps nanoseconds where the framework's waits round to milliseconds. An eventfd in
/// the set takes the wake-ups of other threads. Files are watched for one event, or for every change (edge-triggered).
/// </summary>
internal sealed unsafe partial class LinuxPoller : Poller
{
    private readonly int _wake = Checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
    private readonly int _epoll = Checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    private readonly Dictionary<int, Action> _watched = [];
    private readonly Dictionary<int, IFileEvents> _followed = [];
    private readonly byte[] _events = new byte[MaxEvents * EventSize];
    private readonly Lock _gate = new();
    private bool _isDisposed;

    internal LinuxPoller() => Checked(Control(EPOLL_CTL_ADD, _wake, EPOLLIN), "epoll_ctl");

    internal override bool HasFiles => _watched.Count + _followed.Count > 0;

    internal override void Wait(long nanoseconds)
    {
        var limit = TimeSpec.Of(nanoseconds);
        fixed (byte* events = _events)
        {
            nint count = s_hasWait2 ? syscall(SYS_epoll_pwait2, _epoll, events, MaxEvents, nanoseconds == Durations.Never ? null : &limit, null) : -1;
            if (count < 0)
            {
                s_hasWait2 &= Marshal.GetLastPInvokeError() != ENOSYS;
                WaitOnly(s_hasWait2 ? 0 : nanoseconds); // Older kernels sleep in ppoll(2). A signal: the loop looks again.
                count = epoll_wait(_epoll, events, MaxEvents, 0);
            }

            TakeWake(events, (int)count);
            Deliver(events, (int)count);
        }
    }

    internal override void WaitOnly(long nanoseconds)
    {
        var epoll = new PollFd { Fd = _epoll, Events = POLLIN };
        var limit = TimeSpec.Of(nanoseconds);
        _ = ppoll(&epoll, 1, nanoseconds == Durations.Never ? null : &limit, null);
        TakeWake();
    }

    /// <summary>Leaves a wake-up where it is: it is meant for whoever sleeps, which may be another thread.</summary>
    internal override void PollFiles()
    {
        fixed (byte* events = _events)
        {
            Deliver(events, epoll_wait(_epoll, events, MaxEvents, 0));
        }
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
        uint events = (forWriting ? EPOLLOUT : EPOLLIN) | EPOLLRDHUP | EPOLLONESHOT;
        if (Control(EPOLL_CTL_MOD, fileDescriptor, events) != 0)
        {
            Checked(Control(EPOLL_CTL_ADD, fileDescriptor, events), "epoll_ctl");
        }

        _watched[fileDescriptor] = ready;
    }

    internal override void Follow(int fileDescriptor, IFileEvents events)
    {
        Checked(Control(EPOLL_CTL_ADD, fileDescriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET), "epoll_ctl");
        _followed[fileDescriptor] = events;
    }

    internal override void Unwatch(int fileDescriptor)
    {
        _ = Control(EPOLL_CTL_DEL, fileDescriptor, 0);
        _watched.Remove(fileDescriptor);
        _followed.Remove(fileDescriptor);
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

    private void Deliver(byte* events, int count)
    {
        for (int i = 0; i < count; i++)
        {
            byte* entry = events + (i * EventSize);
            int fileDescriptor = (int)*(long*)(entry + DataOffset);
            if (_followed.TryGetValue(fileDescriptor, out IFileEvents? followed))
            {
                uint seen = *(uint*)entry;
                bool isBroken = (seen & (EPOLLERR | EPOLLHUP)) != 0;
                bool isOver = isBroken || (seen & EPOLLRDHUP) != 0;
                followed.Changed(isOver || (seen & EPOLLIN) != 0, isBroken || (seen & EPOLLOUT) != 0, isOver);
            }
            else if (_watched.Remove(fileDescriptor, out Action? ready))
            {
                ready();
            }
        }
    }

    private void TakeWake(byte* events, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if ((int)*(long*)(events + (i * EventSize) + DataOffset) == _wake)
            {
                TakeWake();
            }
        }
    }

    private void TakeWake()
    {
        ulong wakes;
        _ = read(_wake, &wakes, sizeof(ulong)); // It does not block: without a wake-up it reads nothing.
    }

    private int Control(int operation, int fileDescriptor, uint events)
    {
        byte* entry = stackalloc byte[EventSize];
        *(uint*)entry = events;
        *(long*)(entry + DataOffset) = fileDescriptor;
        return epoll_ctl(_epoll, operation, fileDescriptor, entry);
    }

    private static int Checked(int result, string call) => result >= 0
        ? result
        : throw new CoroutineException($"{call} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
}
