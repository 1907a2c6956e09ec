using System.Runtime.InteropServices;

namespace Drover.Agent.Tests.Drivers;

/// <summary>File accesses of a thread without the rights of root, which may read everything.</summary>
internal static class Unprivileged
{
    private const uint Nobody = 65534;

    internal static T Run<T>(Func<T> access)
    {
        uint before = SetFileUser(Nobody); // Who is not root stays who he is.
        try
        {
            return access();
        }
        finally
        {
            _ = SetFileUser(before);
        }
    }

    [DllImport("libc", EntryPoint = "setfsuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint SetFileUser(uint user);
}
