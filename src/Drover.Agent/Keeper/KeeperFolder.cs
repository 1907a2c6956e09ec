using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Drover.Agent.Keeper;

/// <summary>The files of the keeper in its agent's folder.</summary>
/// <param name="path">The folder.</param>
internal sealed class KeeperFolder(string path)
{
    private const string SocketName = "keeper.sock";
    private const uint OursAlone = 0x180; // rw-------
    private const uint OursAloneToEnter = 0x1C0; // rwx------

    /// <summary>Its absolute path.</summary>
    internal string FullPath { get; } = Path.GetFullPath(path).TrimEnd('/');

    /// <summary>The keeper's records.</summary>
    internal string Journal => Path.Combine(FullPath, "journal.jsonl");

    /// <summary>What the keeper says for people.</summary>
    internal string Log => Path.Combine(FullPath, "keeper.log");

    /// <summary>The folder of the run directories.</summary>
    internal string Runs => Path.Combine(FullPath, "runs");

    /// <summary>The run directory with this name.</summary>
    internal string Run(string name) => Path.Combine(Runs, name);

    /// <summary>Makes the folder and that of the run directories.</summary>
    internal void Create()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FullPath) ?? "/");
        _ = Libc.mkdir(FullPath, OursAloneToEnter);
        _ = Libc.mkdir(Runs, OursAloneToEnter);
        if (!Directory.Exists(Runs))
        {
            throw new IOException($"Cannot make '{Runs}'.");
        }
    }

    /// <summary>Takes the keeper's place: null when another keeper has it. The system gives it back with the process.</summary>
    /// <exception cref="IOException">The lock file cannot be opened.</exception>
    internal SafeFileHandle? TryLock()
    {
        string name = Path.Combine(FullPath, "keeper.lock");
        int file = Libc.open(name, Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC, (int)OursAlone);
        if (file < 0)
        {
            throw new IOException($"Cannot open '{name}': {Libc.LastError()}.");
        }

        var handle = new SafeFileHandle(file, ownsHandle: true);
        if (Libc.flock(file, Libc.LOCK_EX | Libc.LOCK_NB) == 0)
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    /// <summary>Makes the socket that agents connect to. Only for who has the lock.</summary>
    internal Socket Listen()
    {
        File.Delete(Path.Combine(FullPath, SocketName));
        using SafeFileHandle folder = Open();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(EndPoint(folder));
        _ = Libc.chmod(Path.Combine(FullPath, SocketName), OursAlone);
        socket.Listen(4);
        return socket;
    }

    /// <summary>Connects to the keeper; null when there is none.</summary>
    internal async Task<LoopSocket?> TryConnectAsync()
    {
        LoopSocket? socket = null;
        try
        {
            using SafeFileHandle folder = Open();
            socket = new LoopSocket(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified));
            await socket.ConnectAsync(EndPoint(folder));
            return socket;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            socket?.Dispose();
            return null;
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>An address has room for 107 bytes, a path may be longer: so it is given from an open folder.</summary>
    private static UnixDomainSocketEndPoint EndPoint(SafeFileHandle folder) =>
        new($"/proc/self/fd/{folder.DangerousGetHandle()}/{SocketName}");

    private SafeFileHandle Open()
    {
        int folder = Libc.open(FullPath, Libc.O_PATH | Libc.O_CLOEXEC, 0);
        return folder >= 0
            ? new SafeFileHandle(folder, ownsHandle: true)
            : throw new IOException($"Cannot open '{FullPath}': {Libc.ErrorText(Marshal.GetLastPInvokeError())}.");
    }
}
