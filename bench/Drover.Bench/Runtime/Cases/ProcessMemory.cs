using System.Globalization;

namespace Drover.Bench.Runtime.Cases;

/// <summary>Memory figures of a process, from <c>/proc/PID/status</c> (proc_pid_status(5)).</summary>
internal static class ProcessMemory
{
    public static long ResidentBytes(int processId) => Read(processId, "VmRSS:");

    public static long PeakBytes(int processId) => Read(processId, "VmHWM:");

    private static long Read(int processId, string field)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status");
        var line = File.ReadLines(path).First(line => line.StartsWith(field, StringComparison.Ordinal));
        var kilobytes = line.AsSpan(field.Length).Trim();
        return long.Parse(kilobytes[..kilobytes.IndexOf(' ')], CultureInfo.InvariantCulture) * 1024;
    }
}
