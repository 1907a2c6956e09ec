using System.Globalization;

namespace Drover.Protocol;

/// <summary>Durations and sizes as people write them. Not part of the protocol; the same words everywhere.</summary>
public static partial class Quantities
{
    /// <summary>A duration with its two largest units: <c>1d 2h</c>, <c>3m 20s</c>, <c>4.2 s</c>, <c>12 ms</c>.</summary>
    public static string Duration(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero)
        {
            return "-" + Duration(-duration);
        }

        return duration switch
        {
            { TotalDays: >= 1 } => Pair(duration.Days, "d", duration.Hours, "h"),
            { TotalHours: >= 1 } => Pair(duration.Hours, "h", duration.Minutes, "m"),
            { TotalMinutes: >= 1 } => Pair(duration.Minutes, "m", duration.Seconds, "s"),
            { TotalSeconds: >= 1 } => Invariant($"{duration.TotalSeconds:0.#} s"),
            _ => Invariant($"{duration.TotalMilliseconds:0} ms"),
        };
    }

    /// <summary>A size in binary units: <c>512 B</c>, <c>1.5 MiB</c>.</summary>
    public static string Bytes(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        int unit = 0;
        double value = bytes;
        while (Math.Abs(value) >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return Invariant($"{value:0.#} {units[unit]}");
    }

    private static string Pair(int large, string largeUnit, int small, string smallUnit) =>
        small == 0 ? Invariant($"{large}{largeUnit}") : Invariant($"{large}{largeUnit} {small}{smallUnit}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
