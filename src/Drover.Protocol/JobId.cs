using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Drover.Protocol;

/// <summary>The number of a job. Numbers rise in the order of submission and are never given again.</summary>
/// <param name="Value">From 1.</param>
[JsonConverter(typeof(JobIdConverter))]
public readonly record struct JobId(long Value) : IComparable<JobId>, ISpanParsable<JobId>
{
    /// <inheritdoc/>
    public int CompareTo(JobId other) => Value.CompareTo(other.Value);

    /// <summary>The number alone: <c>17</c>.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public static JobId Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => TryParse(s, provider, out JobId id)
        ? id
        : throw new FormatException($"'{s}' is not the number of a job.");

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out JobId result)
    {
        bool isNumber = long.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value > 0;
        result = isNumber ? new JobId(value) : default;
        return isNumber;
    }

    /// <inheritdoc/>
    public static JobId Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out JobId result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator <(JobId left, JobId right) => left.Value < right.Value;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator >(JobId left, JobId right) => left.Value > right.Value;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator <=(JobId left, JobId right) => left.Value <= right.Value;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator >=(JobId left, JobId right) => left.Value >= right.Value;
}
