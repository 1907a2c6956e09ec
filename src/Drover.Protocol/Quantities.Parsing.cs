using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Drover.Protocol;

/// <content>The way back: from what people write.</content>
public static partial class Quantities
{
    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789.");
    private static readonly SearchValues<char> s_letters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly Dictionary<string, double> s_seconds = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = 1,
        ["ms"] = 0.001,
        ["s"] = 1,
        ["sec"] = 1,
        ["m"] = 60,
        ["min"] = 60,
        ["h"] = 3600,
        ["d"] = 86400,
        ["w"] = 7 * 86400,
    };

    private static readonly Dictionary<string, double> s_bytes = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = 1,
        ["B"] = 1,
        ["K"] = 1L << 10,
        ["KiB"] = 1L << 10,
        ["KB"] = 1e3,
        ["M"] = 1L << 20,
        ["MiB"] = 1L << 20,
        ["MB"] = 1e6,
        ["G"] = 1L << 30,
        ["GiB"] = 1L << 30,
        ["GB"] = 1e9,
        ["T"] = 1L << 40,
        ["TiB"] = 1L << 40,
        ["TB"] = 1e12,
        ["P"] = 1L << 50,
        ["PiB"] = 1L << 50,
        ["PB"] = 1e15,
    };

    /// <summary>
    /// A duration: <c>90</c> (seconds), <c>30m</c>, <c>2h</c>, <c>1d</c>, <c>1.5h</c>, <c>1d 2h</c>, <c>1h30m</c>,
    /// <c>HH:MM:SS</c>, <c>D-HH:MM:SS</c>; what <see cref="Duration"/> writes is read. Units: ms, s, m, h, d, w.
    /// </summary>
    /// <remarks>
    /// A number alone is seconds here, and minutes to Slurm: for <c>#SBATCH --time</c> there is
    /// <see cref="TryParseSlurmDuration"/>. <c>10:30</c> is refused: to some it is hours, to Slurm minutes.
    /// </remarks>
    /// <returns>Whether it is one; negative ones are not.</returns>
    public static bool TryParseDuration([NotNullWhen(true)] string? text, out TimeSpan duration)
    {
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        if (rest.Count(':') == 2)
        {
            return TryParseClock(rest, out duration);
        }

        double seconds = 0;
        int parts = 0;
        double lastUnit = double.MaxValue;
        while (!rest.IsEmpty)
        {
            // Units fall from left to right: 2h 1d is more likely a slip than a wish. A number alone stands alone.
            if (!TryTakePart(ref rest, s_seconds, out double value, out double unit, out bool hasUnit)
                || unit >= lastUnit
                || (!hasUnit && (parts > 0 || !rest.IsEmpty)))
            {
                duration = default;
                return false;
            }

            seconds += value;
            lastUnit = unit;
            parts++;
        }

        return TryMakeDuration(seconds, out duration) && parts > 0;
    }

    /// <summary>
    /// A duration as sbatch(1) reads it: <c>90</c> (minutes), <c>MM:SS</c>, <c>HH:MM:SS</c>, <c>D-HH</c>, <c>D-HH:MM</c>,
    /// <c>D-HH:MM:SS</c>.
    /// </summary>
    /// <returns>Whether it is one. <c>INFINITE</c> and <c>UNLIMITED</c>, which mean no limit, are not.</returns>
    public static bool TryParseSlurmDuration([NotNullWhen(true)] string? text, out TimeSpan duration) =>
        TryParseClock(text.AsSpan().Trim(), out duration);

    /// <summary>
    /// A size: <c>4096</c> (bytes), <c>512M</c>, <c>4G</c>, <c>1.5 GiB</c>. K, M, G, T, P and KiB, MiB, … are powers of
    /// 1024, as memory comes; KB, MB, GB, … powers of 1000, as disks are sold.
    /// </summary>
    /// <returns>Whether it is one; negative ones, and fractions of a byte, are not.</returns>
    public static bool TryParseBytes([NotNullWhen(true)] string? text, out long bytes)
    {
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        bytes = 0;
        if (!TryTakePart(ref rest, s_bytes, out double value, out _, out _) || !rest.IsEmpty
            || value >= long.MaxValue || Math.Floor(value) != value)
        {
            return false;
        }

        bytes = (long)value;
        return true;
    }

    private static bool TryTakePart(
        ref ReadOnlySpan<char> text, Dictionary<string, double> units, out double value, out double unit, out bool hasUnit)
    {
        int digits = text.IndexOfAnyExcept(s_digits);
        ReadOnlySpan<char> number = digits < 0 ? text : text[..digits];
        ReadOnlySpan<char> rest = digits < 0 ? [] : text[digits..].TrimStart();
        int letters = rest.IndexOfAnyExcept(s_letters);
        ReadOnlySpan<char> word = letters < 0 ? rest : rest[..letters];
        text = letters < 0 ? [] : rest[letters..].TrimStart();
        hasUnit = !word.IsEmpty;
        bool isNumber = double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);
        bool isUnit = units.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out unit);
        value *= unit;
        return isNumber && isUnit;
    }

    private static bool TryParseClock(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        int dash = text.IndexOf('-');
        double days = 0;
        if (dash >= 0 && !TryParseWhole(text[..dash], out days))
        {
            return false;
        }

        Span<double> fields = stackalloc double[3];
        int count = 0;
        ReadOnlySpan<char> clock = text[(dash + 1)..];
        foreach (Range range in clock.Split(':'))
        {
            // What stands behind a larger unit is less than one of it.
            if (count == fields.Length || !TryParseWhole(clock[range], out fields[count])
                || (count > 0 && fields[count] >= 60))
            {
                return false;
            }

            count++;
        }

        double seconds = (dash >= 0, count) switch
        {
            (true, _) => (fields[0] * 3600) + (fields[1] * 60) + fields[2],
            (false, 1) => fields[0] * 60,
            (false, 2) => (fields[0] * 60) + fields[1],
            _ => (fields[0] * 3600) + (fields[1] * 60) + fields[2],
        };
        return (dash < 0 || fields[0] < 24) && TryMakeDuration((days * 86400) + seconds, out duration);
    }

    private static bool TryParseWhole(ReadOnlySpan<char> text, out double value) =>
        double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static bool TryMakeDuration(double seconds, out TimeSpan duration)
    {
        bool fits = seconds < TimeSpan.MaxValue.TotalSeconds;
        duration = fits ? TimeSpan.FromSeconds(seconds) : default;
        return fits;
    }
}
