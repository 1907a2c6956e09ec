using System.Diagnostics;

namespace Drover.Testing;

/// <summary>A small file system, for tests of full and read-only disks. Only root can have one.</summary>
internal sealed class SmallDisk : IDisposable
{
    /// <summary>How often the kernel may say that the disk is busy: a killed process is gone a little before its files are closed.</summary>
    private const int Tries = 200;

    private readonly string? _image;

    /// <param name="megabytes">How much room it has.</param>
    /// <param name="isReal">Whether it is ext4 in a file on the disk; otherwise it is in memory.</param>
    internal SmallDisk(int megabytes = 8, bool isReal = false)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a small disk takes root");
        if (isReal)
        {
            _image = Path + ".img";
            Run("truncate", "-s", $"{megabytes}M", _image);
            Run("mkfs.ext4", "-q", _image);
            Run("mount", "-o", "loop", _image, Path);
        }
        else
        {
            Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0755", "drover-test", Path);
        }
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
        if (_image is not null)
        {
            File.Delete(_image);
        }
    }

    private static void Run(params string[] command)
    {
        string error = "";
        for (int i = 0; i < Tries; i++)
        {
            using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
            error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0)
            {
                return;
            }

            Thread.Sleep(50);
        }

        Assert.Fail($"{string.Join(' ', command)} failed {Tries} times: {error}");
    }
}
