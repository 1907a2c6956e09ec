using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Drover.Cli.Consoles;

/// <summary>Standard output or standard error, byte for byte and at once.</summary>
/// <remarks>
/// .NET's own console stream goes on silently when the reader has gone; its file stream writes at positions, which
/// overwrites what others write to the same file.
/// </remarks>
internal sealed class StandardStream(int descriptor) : OutputStream
{
    /// <summary>Blocks until all is written.</summary>
    /// <exception cref="BrokenPipeException">The reader has gone.</exception>
    /// <exception cref="IOException">It cannot be written: the disk is full.</exception>
    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            for (int done = 0; done < buffer.Length;)
            {
                nint written = Libc.write(descriptor, start + done, (nuint)(buffer.Length - done));
                if (written >= 0)
                {
                    done += (int)written;
                    continue;
                }

                AfterFailure(Marshal.GetLastPInvokeError());
            }
        }
    }

    /// <summary>Returns when it is worth another try.</summary>
    private unsafe void AfterFailure(int error)
    {
        switch (error)
        {
            case Libc.EINTR:
                return;
            case Libc.EAGAIN:
                // Somebody made the descriptor, which others may share, non-blocking.
                var poll = new Libc.Poll { Fd = descriptor, Events = Libc.POLLOUT };
                Libc.poll(&poll, 1, -1);
                return;
            case Libc.EPIPE:
                throw new BrokenPipeException();
            default:
                string name = descriptor == 1 ? "standard output" : "standard error";
                throw new IOException($"The {name} cannot be written: {new Win32Exception(error).Message}.");
        }
    }
}
