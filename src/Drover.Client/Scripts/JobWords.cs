using System.Globalization;

namespace Drover.Client.Scripts;

/// <summary>What people write about jobs, on command lines and in scripts.</summary>
internal static class JobWords
{
    /// <summary>What dependencies look like, for messages.</summary>
    public const string AfterForm = "jobs, such as 12,13, or ended:12,13 or failed:12,13 when they need not succeed";

    private static readonly Dictionary<string, DependencyKind> s_kinds = new()
    {
        ["succeeded"] = DependencyKind.Succeeded,
        ["ended"] = DependencyKind.Ended,
        ["failed"] = DependencyKind.Failed,
    };

    /// <summary>Reads <c>12,13</c> or <c>ended:12,17_3</c>; null when it is something else.</summary>
    public static IReadOnlyList<ScriptDependency>? ParseAfter(string text)
    {
        int colon = text.IndexOf(':');
        DependencyKind kind = DependencyKind.Succeeded;
        return colon < 0 || s_kinds.TryGetValue(text[..colon], out kind) ? ParseJobs(text[(colon + 1)..].Split(','), kind) : null;
    }

    /// <summary>Jobs as dependencies; null when one is no job.</summary>
    public static IReadOnlyList<ScriptDependency>? ParseJobs(IReadOnlyList<string> jobs, DependencyKind kind)
    {
        var all = new List<ScriptDependency>();
        foreach (string text in jobs)
        {
            if (!JobRef.TryParse(text, null, out JobRef job))
            {
                return null;
            }

            all.Add(new ScriptDependency(job, kind));
        }

        return all.Count > 0 ? all : null;
    }

    /// <summary>Why these are no indices of an array; null when they are.</summary>
    public static string? ArrayFault(string text) => ArrayIndices.TryParseOption(text, out _, out _, out string? fault) ? null : fault;

    /// <summary>A whole number of at least so much; null when it is none.</summary>
    public static int? Whole(string text, int least) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least ? number : null;
}
