namespace Drover.Agent.Keeper.Processes;

/// <summary>Small files of /proc and /sys, read at once: without the handles and checks of the framework, which cost more than the read.</summary>
internal static unsafe class ProcFile
{
    /// <summary>Reads as much as fits. False when the file is not there or not for us.</summary>
    internal static bool TryRead(string path, Span<byte> buffer, out int length)
    {
        length = 0;
        int file = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        if (file < 0)
        {
            return false;
        }

        fixed (byte* bytes = buffer)
        {
            nint count;
            while (length < buffer.Length && (count = Libc.read(file, bytes + length, (nuint)(buffer.Length - length))) > 0)
            {
                length += (int)count;
            }
        }

        _ = Libc.close(file);
        return length > 0;
    }
}
