using System.Diagnostics;

namespace Drover.EndToEnd.Tests;

/// <summary>A small file system in memory, for full and read-only disks. Only root can have one.</summary>
internal sealed class SmallDisk : IDisposable
{
    internal SmallDisk()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a small disk takes root");
        Run("mount", "-t", "tmpfs", "-o", "size=8m,mode=0755", "drover-test", Path);
    }

    internal string Path { get; } = Directory.CreateTempSubdirectory("drover-disk-").FullName;

    /// <summary>Takes all the room that is left.</summary>
    internal void Fill()
    {
        using FileStream filler = File.Create(System.IO.Path.Combine(Path, "filler"));
        try
        {
            while (true)
            {
                filler.Write(new byte[4096]);
                filler.Flush();
            }
        }
        catch (IOException)
        {
            // Full, as wanted.
        }
    }

    /// <summary>Gives the room back.</summary>
    internal void MakeRoom() => File.Delete(System.IO.Path.Combine(Path, "filler"));

    internal void MakeReadOnly() => Run("mount", "-o", "remount,ro", Path);

    public void Dispose()
    {
        Run("umount", Path);
        Directory.Delete(Path);
    }

    private static void Run(params string[] command)
    {
        using Process process = Process.Start(command[0], command[1..]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
