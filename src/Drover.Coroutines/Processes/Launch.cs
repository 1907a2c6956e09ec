using System.Runtime.InteropServices;

namespace Drover.Coroutines;

/// <summary>Starts processes. Blocks for a moment, or as long as the file system does: it runs on a thread of its own pool.</summary>
internal static unsafe class Launch
{
    /// <summary>Kept apart from the default pool, so that calls that hang there do not keep processes from being started.</summary>
    internal static readonly BlockingPool Threads = new(8, "process start");

    /// <summary>Larger than posix_spawnattr_t, posix_spawn_file_actions_t and sigset_t of any system.</summary>
    private const int OpaqueSize = 1024;

    /// <summary>
    /// A script that has just been written counts as open while another thread starts a process, which has our files
    /// until it has become its program: under a millisecond, unless the machine is busy.
    /// </summary>
    private const long RetriedWhileBusy = 50_000_000;

    private static bool s_canCloseOthers = true;

    /// <summary>A process that runs, and our ends of the pipes to its standard streams.</summary>
    internal sealed record Started(ProcessGroup Group, IReadOnlyList<FileDescriptor?> Pipes);

    /// <summary>Starts it, or leaves nothing behind.</summary>
    /// <param name="spec">What to start.</param>
    /// <param name="endsWithUs">Whether it is killed when this program ends before it.</param>
    /// <exception cref="ProcessStartException">It could not be started.</exception>
    internal static Started Start(ProcessSpec spec, bool endsWithUs)
    {
        spec.BeforeStart?.Invoke();
        var search = new ProgramSearch(spec);
        using FileDescriptor? directory = OpenDirectory(spec);
        string program = search.Find();
        using StandardFiles files = StandardFiles.Open(spec);
        int error = Spawn(spec, program, search.Environment(), directory, files, out int pid);
        if (error != 0)
        {
            files.CloseOurs();
            throw StartErrors.FromSpawn(spec, program, error);
        }

        var group = new ProcessGroup(pid, endsWithUs);
        try
        {
            spec.AfterStart?.Invoke(pid);
        }
        catch
        {
            files.CloseOurs();
            group.Undo();
            throw;
        }

        return new Started(group, files.Ours);
    }

    /// <summary>Opened here rather than by name in the child: so it is known which of two missing files is missing.</summary>
    private static FileDescriptor? OpenDirectory(ProcessSpec spec)
    {
        if (spec.WorkingDirectory is null)
        {
            return null;
        }

        int directory = Libc.open(spec.WorkingDirectory, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        return directory >= 0
            ? new FileDescriptor(directory)
            : throw StartErrors.NoSuchDirectory(spec, Marshal.GetLastPInvokeError());
    }

    private static int Spawn(
        ProcessSpec spec, string program, List<string> environment, FileDescriptor? directory, StandardFiles files, out int pid)
    {
        byte* attributes = stackalloc byte[OpaqueSize];
        byte* actions = stackalloc byte[OpaqueSize];
        using var path = new NativeStrings([program]);
        using var arguments = new NativeStrings([spec.FileName, .. spec.Arguments]);
        using var variables = new NativeStrings(environment);
        SetAttributes(attributes, spec.NewSession);
        SetActions(actions, directory, files);
        int error;
        int started = 0;
        long lastTry = MachineClock.Instance.Now + RetriedWhileBusy;
        do
        {
            error = Libc.posix_spawn(&started, path.First, actions, attributes, arguments.Pointers, variables.Pointers);
        }
        while (error == Libc.ETXTBSY && MachineClock.Instance.Now < lastTry);

        _ = Libc.posix_spawn_file_actions_destroy(actions);
        _ = Libc.posix_spawnattr_destroy(attributes);
        pid = started;
        return error;
    }

    /// <summary>A group (or session) of its own; every signal as for a fresh program: the runtime ignores SIGPIPE, and that is inherited.</summary>
    private static void SetAttributes(byte* attributes, bool newSession)
    {
        byte* signals = stackalloc byte[OpaqueSize];
        _ = Libc.posix_spawnattr_init(attributes);
        short group = newSession ? Libc.POSIX_SPAWN_SETSID : Libc.POSIX_SPAWN_SETPGROUP;
        _ = Libc.posix_spawnattr_setflags(attributes, (short)(group | Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK));
        _ = Libc.posix_spawnattr_setpgroup(attributes, 0);
        NativeMemory.Fill(signals, OpaqueSize, 0xFF); // sigfillset leaves out the two that the C library uses and then has ignored.
        _ = Libc.posix_spawnattr_setsigdefault(attributes, signals);
        _ = Libc.sigemptyset(signals);
        _ = Libc.posix_spawnattr_setsigmask(attributes, signals);
    }

    private static void SetActions(byte* actions, FileDescriptor? directory, StandardFiles files)
    {
        _ = Libc.posix_spawn_file_actions_init(actions);
        for (int number = 0; number < files.Theirs.Count; number++)
        {
            if (files.Theirs[number] is { } file)
            {
                _ = Libc.posix_spawn_file_actions_adddup2(actions, file.Number, number);
            }
        }

        if (files.ErrorGoesToOutput)
        {
            _ = Libc.posix_spawn_file_actions_adddup2(actions, 1, 2);
        }

        if (directory is not null)
        {
            _ = Libc.posix_spawn_file_actions_addfchdir_np(actions, directory.Number);
        }

        CloseOthers(actions);
    }

    /// <summary>What we open is closed in the process anyway; this is for what our own parent or a native library left open.</summary>
    private static void CloseOthers(byte* actions)
    {
        if (!s_canCloseOthers)
        {
            return;
        }

        try
        {
            _ = Libc.posix_spawn_file_actions_addclosefrom_np(actions, StandardFiles.FirstOther);
        }
        catch (EntryPointNotFoundException)
        {
            s_canCloseOthers = false; // An older C library.
        }
    }
}
