using Microsoft.Win32.SafeHandles;

namespace Drover.Coroutines;

/// <summary>An open file of this process; closed once, at the latest by the garbage collector.</summary>
internal sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    public FileDescriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    /// <summary>The number, for calls that the owner makes while it does not close the file.</summary>
    internal int Number => (int)handle;

    protected override bool ReleaseHandle() => Libc.close(Number) == 0;
}
