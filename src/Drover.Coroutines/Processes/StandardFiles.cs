using System.Runtime.InteropServices;

namespace Drover.Coroutines;

/// <summary>The three standard streams of a process that is about to start: its ends, which we close, and ours of the pipes.</summary>
internal sealed class StandardFiles : IDisposable
{
    internal const int FirstOther = 3;
    private const int ForAll = 0x1B6; // rw-rw-rw-, less what the umask takes away.
    private readonly ProcessSpec _spec;
    private readonly FileDescriptor?[] _theirs = new FileDescriptor?[FirstOther];
    private readonly FileDescriptor?[] _ours = new FileDescriptor?[FirstOther];

    private StandardFiles(ProcessSpec spec) => _spec = spec;

    /// <summary>Our ends of the pipes to standard input, output and error, by number.</summary>
    internal IReadOnlyList<FileDescriptor?> Ours => _ours;

    /// <summary>The process's files by number; null where it has ours.</summary>
    internal IReadOnlyList<FileDescriptor?> Theirs => _theirs;

    /// <summary>Whether the standard error stream is a copy of the output, once that is in place.</summary>
    internal bool ErrorGoesToOutput => _spec.Error is OutputTarget.ToOutput;

    /// <summary>Opens files and pipes; none is open when it throws. Blocks as long as the file system does.</summary>
    internal static StandardFiles Open(ProcessSpec spec)
    {
        var files = new StandardFiles(spec);
        try
        {
            files.OpenInput();
            files.OpenOutput(1, spec.Output);
            files.OpenOutput(2, spec.Error);
            return files;
        }
        catch
        {
            files.Dispose();
            files.CloseOurs();
            throw;
        }
    }

    /// <summary>Closes the process's ends: it has them now, and we would keep its pipes open.</summary>
    public void Dispose() => Array.ForEach(_theirs, static file => file?.Dispose());

    internal void CloseOurs() => Array.ForEach(_ours, static file => file?.Dispose());

    private void OpenInput()
    {
        if (_spec.Input is InputSource.FromPipe)
        {
            (_theirs[0], _ours[0]) = OpenPipe();
            Unblock(_ours[0]!);
        }
        else if (_spec.Input is InputSource.FromFile file)
        {
            _theirs[0] = OpenFile(file.Path, Libc.O_RDONLY);
        }
    }

    private void OpenOutput(int number, OutputTarget target)
    {
        if (target is OutputTarget.ToPipe)
        {
            (_ours[number], _theirs[number]) = OpenPipe();
            Unblock(_ours[number]!);
        }
        else if (target is OutputTarget.ToFile file)
        {
            int flags = file.Appends ? Libc.O_APPEND : Libc.O_TRUNC;
            _theirs[number] = OpenFile(file.Path, Libc.O_WRONLY | Libc.O_CREAT | flags);
        }
    }

    private unsafe (FileDescriptor Read, FileDescriptor Write) OpenPipe()
    {
        int* ends = stackalloc int[2];
        return Libc.pipe2(ends, Libc.O_CLOEXEC) == 0
            ? (Own(ends[0]), Own(ends[1]))
            : throw StartErrors.NoResources(_spec, Marshal.GetLastPInvokeError());
    }

    private FileDescriptor OpenFile(string path, int flags)
    {
        string full = Path.Combine(_spec.WorkingDirectory ?? "", path);
        int file = Libc.open(full, flags | Libc.O_CLOEXEC | Libc.O_NOCTTY, ForAll);
        return file >= 0 ? Own(file) : throw StartErrors.CannotOpen(_spec, full, Marshal.GetLastPInvokeError());
    }

    /// <summary>
    /// Takes a number from 3 on, when this process itself was started with standard streams closed: the process's
    /// streams are put in place one after the other, and one must not overwrite what another is made of.
    /// </summary>
    private FileDescriptor Own(int file)
    {
        var owned = new FileDescriptor(file);
        if (file >= FirstOther)
        {
            return owned;
        }

        using (owned)
        {
            int other = Libc.fcntl(file, Libc.F_DUPFD_CLOEXEC, FirstOther);
            return other >= 0 ? new FileDescriptor(other) : throw StartErrors.NoResources(_spec, Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Ours only: most programs cannot work with a stream that does not block.</summary>
    private static void Unblock(FileDescriptor ours) => _ = Libc.fcntl(ours.Number, Libc.F_SETFL, Libc.O_NONBLOCK);
}
