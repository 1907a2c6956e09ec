using System.Runtime.InteropServices;

namespace Drover.Coroutines;

/// <summary>The priority of the calling thread. The framework's own setting does nothing on Linux.</summary>
internal static partial class ThreadPriority
{
    private const int WhichProcess = 0;
    private const int CallingThread = 0;
    private const int Nicer = 10;

    /// <summary>Lets other threads go first. Without effect where the platform or its policy does not allow it.</summary>
    internal static void Lower()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(WhichProcess, CallingThread, Nicer); // setpriority(2): on Linux it is the thread's.
        }
        else
        {
            Thread.CurrentThread.Priority = System.Threading.ThreadPriority.BelowNormal;
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);
}
