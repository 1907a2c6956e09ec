using System.Globalization;

namespace Drover.Bench.Jobs;

/// <summary>How long processes have used the processors, from <c>/proc/PID/stat</c> (proc_pid_stat(5)).</summary>
internal static class ProcessTimes
{
    private const int UserTime = 11; // The 14th field; the words before it begin behind the name, with the third.
    private const int TicksPerSecond = 100;

    /// <summary>Of all its threads, for itself and in the kernel.</summary>
    public static TimeSpan Of(int processId)
    {
        var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
        var words = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(words[UserTime], CultureInfo.InvariantCulture) + long.Parse(words[UserTime + 1], CultureInfo.InvariantCulture);
        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }
}
