using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Drover.Protocol;

/// <summary>
/// A job as people name it: by its number, <c>17</c>, or by its place in an array, <c>17_3</c>. The HTTP API takes both in
/// its paths.
/// </summary>
/// <param name="Number">The number of the job; of its array when there is an index.</param>
/// <param name="Index">Its index in the array; null when it is named by its own number.</param>
public readonly record struct JobRef(JobId Number, int? Index = null) : ISpanParsable<JobRef>
{
    /// <summary><c>17</c> or <c>17_3</c>.</summary>
    public override string ToString() =>
        Index is { } index ? string.Create(CultureInfo.InvariantCulture, $"{Number}_{index}") : Number.ToString();

    /// <inheritdoc/>
    public static JobRef Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => TryParse(s, provider, out JobRef job)
        ? job
        : throw new FormatException($"'{s}' is not the number of a job, such as 17, or its place in an array, such as 17_3.");

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out JobRef result)
    {
        result = default;
        int line = s.IndexOf('_');
        if (!JobId.TryParse(line < 0 ? s : s[..line], provider, out JobId number))
        {
            return false;
        }

        if (line < 0)
        {
            result = new JobRef(number);
            return true;
        }

        bool isIndex = int.TryParse(s[(line + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int index);
        result = isIndex ? new JobRef(number, index) : default;
        return isIndex;
    }

    /// <inheritdoc/>
    public static JobRef Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out JobRef result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <summary>A job by its number.</summary>
    public static implicit operator JobRef(JobId number) => new(number);
}
