using System.Globalization;

namespace Drover.Coroutines.Tests.Processes;

/// <summary>A process as /proc tells of it: known by number and start time, since the number may be given away again.</summary>
internal sealed record Proc(int Pid, string StartTime)
{
    internal static Proc Of(int pid) => new(pid, Fields(pid)![19]);

    internal static Proc Of(string? pid) => Of(int.Parse(pid!, CultureInfo.InvariantCulture));

    /// <summary>Whether it still runs. One that is dead and waits to be reaped does not.</summary>
    internal bool Runs => Fields(Pid) is { } fields && fields[19] == StartTime && fields[0] is not ("Z" or "X");

    internal static int ZombieChildren() => Directory.GetDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), out int pid) ? Fields(pid) : null)
        .Count(fields => fields is not null && fields[0] == "Z" && fields[1] == $"{Environment.ProcessId}");

    internal static int Files() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    internal static int Threads() => Directory.GetDirectories("/proc/self/task").Length;

    internal static string? State(int pid) => Fields(pid)?[0];

    internal static string? StatOrNull(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>From the third field on: the state, the parent, the group, ….</summary>
    private static string[]? Fields(int pid) => StatOrNull(pid) is { } stat ? stat[(stat.LastIndexOf(')') + 2)..].Split(' ') : null;
}
