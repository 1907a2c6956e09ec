using System.Runtime.InteropServices;

namespace Drover.Coroutines;

/// <summary>
/// A process that leads a group, from its start until its number is given back. It stays a zombie after its end, until
/// <see cref="Release"/>: as long as it holds its number, that number cannot mean anybody else's group.
/// </summary>
internal sealed unsafe class ProcessGroup
{
    /// <summary>Whether the kernel (5.3) tells of a process's end through a file. When not, a thread waits for each.</summary>
    internal static bool HasPidFiles = true;

    /// <summary>Whether the kernel (6.9) signals the group of a process's file, whoever has its number by now.</summary>
    internal static bool HasGroupSignals = true;

    private readonly FileDescriptor? _file;

    /// <param name="id">The leader's number.</param>
    /// <param name="endsWithUs">Whether the group is killed when this program ends before it.</param>
    internal ProcessGroup(int id, bool endsWithUs)
    {
        Id = id;
        if (endsWithUs)
        {
            LiveGroups.Add(this);
        }

        nint file = HasPidFiles ? Libc.syscall(Libc.SYS_pidfd_open, id, 0, 0, 0) : -1;
        _file = file >= 0 ? new FileDescriptor((int)file) : null;
    }

    /// <summary>The number of the leader and of the group.</summary>
    internal int Id { get; }

    /// <summary>Whether the leader was reaped, by us or by somebody else: the number may be anybody's.</summary>
    internal bool IsReleased { get; private set; }

    /// <summary>What the leader used, itself and the children that it waited for; known once its end is.</summary>
    internal ProcessUsage? Usage { get; private set; }

    /// <summary>Calls <paramref name="ended"/> on the loop's thread when the leader has ended; perhaps also before.</summary>
    internal void Watch(EventLoop loop, Action ended)
    {
        if (_file is not null)
        {
            loop.Poller.Watch(_file.Number, forWriting: false, ended);
            return;
        }

        var thread = new Thread(() =>
        {
            while (Wait(out _, Libc.WEXITED | Libc.WNOWAIT) == Libc.EINTR)
            {
            }

            loop.Post(ended);
        });
        thread.IsBackground = true;
        thread.Name = $"wait for {Id}";
        thread.UnsafeStart();
    }

    /// <summary>How the leader ended, or null when it has not. It stays a zombie.</summary>
    internal ProcessExit? TryGetExit()
    {
        Libc.ResourceUsage used = default;
        int error = Wait(out Libc.SignalInfo info, Libc.WEXITED | Libc.WNOWAIT | Libc.WNOHANG, &used);
        if (error != 0)
        {
            IsReleased |= error == Libc.ECHILD;
            return error == Libc.ECHILD ? new ProcessExit.Unknown() : null;
        }

        if (info.Pid == 0)
        {
            return null;
        }

        Usage = ProcessUsage.From(used);
        return info.Code == Libc.CLD_EXITED
            ? new ProcessExit.Exited(info.Status)
            : new ProcessExit.Signaled((UnixSignal)info.Status, info.Code == Libc.CLD_DUMPED);
    }

    /// <summary>Sends a signal to every process of the group. False when there is none.</summary>
    internal bool Signal(UnixSignal signal) => Send((int)signal);

    /// <summary>Whether no process is in the group. One that is dead but not yet reaped by its parent still counts.</summary>
    internal bool IsEmpty => !Send(0);

    /// <summary>Reaps the leader, which has ended. Its number is free then, unless others are left in the group.</summary>
    internal void Release() => LiveGroups.Apart(static group => group!.Reap(), this);

    /// <summary>Nothing is left in the group, or we gave up.</summary>
    internal void Close(EventLoop loop)
    {
        LiveGroups.Remove(this);
        if (_file is { IsClosed: false })
        {
            loop.Poller.Unwatch(_file.Number);
            _file.Dispose();
        }
    }

    /// <summary>Kills a group that was just started and waits until its leader is gone: a moment, on a thread that may block.</summary>
    internal void Undo()
    {
        _ = Send((int)UnixSignal.SIGKILL);
        while (Wait(out _, Libc.WEXITED) == Libc.EINTR)
        {
        }

        IsReleased = true;
        LiveGroups.Remove(this);
        _file?.Dispose();
    }

    private bool Send(int signal)
    {
        if (_file is { IsClosed: false } && HasGroupSignals)
        {
            if (Libc.syscall(Libc.SYS_pidfd_send_signal, _file.Number, signal, 0, Libc.PIDFD_SIGNAL_PROCESS_GROUP) == 0)
            {
                return true;
            }

            if (Marshal.GetLastPInvokeError() == Libc.ESRCH)
            {
                return false;
            }

            // EPERM is a program that has changed its user (kill says the same); otherwise the kernel is older.
            HasGroupSignals = Marshal.GetLastPInvokeError() is not (Libc.EINVAL or Libc.ENOSYS);
        }

        if (IsReleased && signal != 0)
        {
            return GroupMembers.Signal(Id, signal);
        }

        return Libc.kill(-Id, signal) == 0;
    }

    private void Reap()
    {
        if (!IsReleased)
        {
            IsReleased = true;
            _ = Wait(out _, Libc.WEXITED | Libc.WNOHANG);
        }
    }

    /// <summary>The system call itself can tell what was used too, which the C library's function cannot.</summary>
    private int Wait(out Libc.SignalInfo info, int options, Libc.ResourceUsage* used = null)
    {
        fixed (Libc.SignalInfo* filled = &info)
        {
            *filled = default;
            nint result = Libc.SYS_waitid != 0
                ? Libc.syscall(Libc.SYS_waitid, Libc.P_PID, Id, (nint)filled, options, (nint)used)
                : Libc.waitid(Libc.P_PID, Id, filled, options);
            return result == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }
}
