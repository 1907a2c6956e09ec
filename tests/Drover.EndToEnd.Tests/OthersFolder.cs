using System.Diagnostics;

namespace Drover.EndToEnd.Tests;

/// <summary>A folder of the user nobody, and the program where that user may read it. Only root can have one.</summary>
internal sealed class OthersFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("drover-other-").FullName;

    internal OthersFolder()
    {
        string program = Directory.CreateDirectory(this["program"]).FullName;
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(program, Path.GetFileName(file)));
        }

        string libraries = Path.Combine(AppContext.BaseDirectory, "runtimes");
        if (Directory.Exists(libraries))
        {
            Run("cp", "-r", libraries, program);
        }

        Run("chmod", "-R", "u=rwX,go=rX", _path);
        Run("chown", "nobody", _path);
    }

    internal string this[string name] => Path.Combine(_path, name);

    /// <summary>The same command, given by that user.</summary>
    internal ProcessStartInfo AsNobody(ProcessStartInfo command)
    {
        string group = Directory.Exists("/etc/debian_version") || File.Exists("/etc/debian_version") ? "nogroup" : "nobody";
        var start = new ProcessStartInfo("setpriv", ["--reuid=nobody", $"--regid={group}", "--clear-groups", this["program/drover"], .. command.ArgumentList])
        {
            WorkingDirectory = _path,
        };
        start.Environment.Clear();
        foreach ((string name, string? value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["HOME"] = _path;
        return start;
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private static void Run(params string[] command)
    {
        using Process process = Process.Start(command[0], command[1..]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
