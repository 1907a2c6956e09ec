using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Drover.Protocol;

/// <summary>
/// One try at running a job. It is stamped on the site before the attempt is started there (in the environment of its
/// processes as <c>DROVER_ATTEMPT</c>, in the agent's journal) and looked for before it is started again.
/// </summary>
/// <param name="Job">The job.</param>
/// <param name="Number">Which try, from 1.</param>
[JsonConverter(typeof(AttemptIdConverter))]
public readonly record struct AttemptId(JobId Job, int Number) : ISpanParsable<AttemptId>
{
    /// <summary>The job's number and the attempt's: <c>17.1</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Job.Value}.{Number}");

    /// <inheritdoc/>
    public static AttemptId Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => TryParse(s, provider, out AttemptId id)
        ? id
        : throw new FormatException($"'{s}' is not the number of an attempt, such as 17.1.");

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out AttemptId result)
    {
        result = default;
        int dot = s.IndexOf('.');
        if (dot < 0
            || !JobId.TryParse(s[..dot], provider, out JobId job)
            || !int.TryParse(s[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || number < 1)
        {
            return false;
        }

        result = new AttemptId(job, number);
        return true;
    }

    /// <inheritdoc/>
    public static AttemptId Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out AttemptId result) =>
        TryParse(s.AsSpan(), provider, out result);
}
