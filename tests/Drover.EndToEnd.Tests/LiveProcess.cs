using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Drover.EndToEnd.Tests;

/// <summary>A process that lived when it was found. Its start time tells it from a later one with the same number.</summary>
internal sealed partial record LiveProcess(int Id, long StartTicks, string[] CommandLine, string[] Environment)
{
    internal const int SIGINT = 2;
    internal const int SIGKILL = 9;
    internal const int SIGTERM = 15;
    internal const int SIGCONT = 18;
    internal const int SIGSTOP = 19;

    /// <summary>Whether it still lives; a zombie does not.</summary>
    internal bool IsAlive => ReadStart(Id) == StartTicks;

    /// <summary>The processes whose environment has all these variables.</summary>
    internal static IReadOnlyList<LiveProcess> With(params string[] assignments) =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out int id) ? Find(id) : null)
            .OfType<LiveProcess>()
            .Where(process => assignments.All(process.Environment.Contains))];

    /// <summary>The process with this number; null when there is none.</summary>
    internal static LiveProcess? Find(int id) =>
        ReadStart(id) is { } start ? new LiveProcess(id, start, Read($"/proc/{id}/cmdline"), Read($"/proc/{id}/environ")) : null;

    /// <summary>The number of a process's parent; null when it has ended.</summary>
    internal static int? ParentOf(int id) => ReadStat(id) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : null;

    /// <summary>Sends a signal, unless it has ended.</summary>
    internal void Signal(int signal)
    {
        if (IsAlive)
        {
            _ = kill(Id, signal);
        }
    }

    /// <summary>Kills it as a machine without memory does, and returns when it is gone.</summary>
    internal Task KillAsync()
    {
        Signal(SIGKILL);
        return GoneAsync();
    }

    /// <summary>Returns when it is gone.</summary>
    internal Task GoneAsync() => Eventually.IsTrueAsync(() => !IsAlive, $"the end of {this}");

    public override string ToString() => $"process {Id} ({string.Join(' ', CommandLine)})";

    private static long? ReadStart(int id) =>
        ReadStat(id) is { } fields && fields[0] is not ("Z" or "X") ? long.Parse(fields[19], CultureInfo.InvariantCulture) : null;

    /// <summary>What /proc says after the name: state, parent, …; null when it has ended and was waited for.</summary>
    private static string[]? ReadStat(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string[] Read(string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(file)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int process, int signal);
}
