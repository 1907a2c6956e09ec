using System.Runtime.InteropServices;

namespace Drover.Coroutines;

/// <summary>
/// A process that this program did not start: its end can be waited for, though not how it ended, and it can be signaled
/// without meeting another process that has got its number. It belongs to the loop that opened it. Only on Linux.
/// </summary>
/// <remarks>After pidfd_open(2). On a kernel before 5.3 it looks for the number again and again, and signals by number.</remarks>
public sealed class ForeignProcess : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private readonly EventLoop _loop = EventLoop.Current;
    private readonly FileDescriptor? _file;
    private readonly FileWait? _wait;

    private ForeignProcess(int id, nint file)
    {
        Id = id;
        if (file >= 0)
        {
            _file = new FileDescriptor((int)file);
            _wait = new FileWait(_loop, _file.Number, forWriting: false, $"end of {this}");
        }
    }

    /// <summary>The process's number.</summary>
    public int Id { get; }

    /// <summary>
    /// The process that has this number now; null when there is none. Whether it is the one that was meant has to be
    /// looked at after this: by its start time in <c>/proc/ID/stat</c>. Does not block.
    /// </summary>
    public static ForeignProcess? TryOpen(int id)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(id, 1);
        nint file = ProcessGroup.HasPidFiles ? Libc.syscall(Libc.SYS_pidfd_open, id, 0, 0, 0) : -1;
        return file < 0 && Libc.kill(id, 0) != 0 && Marshal.GetLastPInvokeError() == Libc.ESRCH ? null : new ForeignProcess(id, file);
    }

    /// <summary>Waits until it has ended. It may be a zombie then. One coroutine waits at a time.</summary>
    /// <exception cref="ScopeCanceledException">The scope is canceled. The process goes on.</exception>
    public async ValueTask WaitAsync()
    {
        _loop.CheckHere(this);
        if (_wait is not null)
        {
            await _wait.ReadyAsync();
            return;
        }

        while (Libc.kill(Id, 0) == 0)
        {
            await Task.Delay(s_pause, TimeProvider.System, CancelScope.Current.Token);
        }
    }

    /// <summary>Sends it a signal; not to its group. Does not block.</summary>
    /// <returns>False when it is gone, or belongs to another user.</returns>
    public bool Signal(UnixSignal signal) => _file is null
        ? Libc.kill(Id, (int)signal) == 0
        : !_file.IsClosed && Libc.syscall(Libc.SYS_pidfd_send_signal, _file.Number, (int)signal, 0, 0) == 0;

    /// <summary>Forgets it. The process goes on; whoever waits for it must not do so any more.</summary>
    public void Dispose()
    {
        if (_file is { IsClosed: false })
        {
            if (!_loop.IsOver)
            {
                _loop.Poller.Unwatch(_file.Number);
            }

            _file.Dispose();
        }
    }

    /// <summary>Its number.</summary>
    public override string ToString() => $"process {Id}";
}
