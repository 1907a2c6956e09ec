using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Drover.Client.Scripts;

/// <summary>What people write about jobs, on command lines and in scripts.</summary>
internal static class JobWords
{
    /// <summary>What the indices of an array look like, for messages.</summary>
    public const string ArrayForm = "indices, such as 1-1000, 0-90:10 or 1,3,7-9, and %50 behind them for at most 50 at once";

    /// <summary>What dependencies look like, for messages.</summary>
    public const string AfterForm = "jobs, such as 12,13, or ended:12,13 or failed:12,13 when they need not succeed";

    private static readonly Dictionary<string, DependencyKind> s_kinds = new()
    {
        ["succeeded"] = DependencyKind.Succeeded,
        ["ended"] = DependencyKind.Ended,
        ["failed"] = DependencyKind.Failed,
    };

    /// <summary>Splits <c>1-1000%50</c>. Whether the indices are right the server says.</summary>
    public static bool TryParseArray(string text, [NotNullWhen(true)] out string? indices, out int? atOnce)
    {
        int percent = text.IndexOf('%');
        indices = percent < 0 ? text : text[..percent];
        atOnce = null;
        bool isRight = indices.Length > 0 && indices.All(c => char.IsAsciiDigit(c) || c is '-' or ',' or ':');
        if (isRight && percent >= 0)
        {
            atOnce = Whole(text[(percent + 1)..], 1);
            isRight = atOnce is not null;
        }

        indices = isRight ? indices : null;
        return isRight;
    }

    /// <summary>Reads <c>12,13</c> or <c>ended:12,17_3</c>; null when it is something else.</summary>
    public static IReadOnlyList<ScriptDependency>? ParseAfter(string text)
    {
        int colon = text.IndexOf(':');
        DependencyKind kind = DependencyKind.Succeeded;
        return colon < 0 || s_kinds.TryGetValue(text[..colon], out kind) ? ParseJobs(text[(colon + 1)..].Split(','), kind) : null;
    }

    /// <summary>Jobs as dependencies; null when one is no job.</summary>
    public static IReadOnlyList<ScriptDependency>? ParseJobs(IReadOnlyList<string> jobs, DependencyKind kind) =>
        jobs.Count > 0 && jobs.All(IsJob) ? [.. jobs.Select(j => new ScriptDependency(j, kind))] : null;

    /// <summary>Whether it is a job or array as it is written: <c>17</c>, <c>17_3</c>.</summary>
    public static bool IsJob(string text)
    {
        int underscore = text.IndexOf('_');
        return JobId.TryParse(underscore < 0 ? text : text[..underscore], null, out _)
            && (underscore < 0 || Whole(text[(underscore + 1)..], 0) is not null);
    }

    /// <summary>A whole number of at least so much; null when it is none.</summary>
    public static int? Whole(string text, int least) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least ? number : null;
}
