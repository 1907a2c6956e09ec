using System.Globalization;

namespace Drover.Cli.Text;

/// <summary>An array of jobs in words.</summary>
internal static class ArrayText
{
    /// <summary>Its state in a word.</summary>
    public static string State(ArrayInfo array) =>
        array switch
        {
            { IsOver: true, Failed: 0 } => "succeeded",
            { IsOver: true } => "failed",
            { Running: > 0 } => "running",
            { Unknown: > 0 } => "unknown",
            _ => "queued",
        };

    public static Color StateColor(ArrayInfo array) => State(array) switch
    {
        "succeeded" => Color.Good,
        "failed" or "unknown" => Color.Bad,
        "running" => Color.Busy,
        _ => Color.Waiting,
    };

    /// <summary>How many of its jobs are where: <c>1000 jobs: 120 succeeded, 3 failed, 50 running, 827 queued</c>.</summary>
    public static string Counts(ArrayInfo array)
    {
        (int Count, string Word)[] counts =
        [
            (array.Succeeded, "succeeded"), (array.Failed, "failed"), (array.Running, "running"), (array.Unknown, "unknown"), (array.Queued, "queued"),
        ];
        string parts = string.Join(", ", counts.Where(c => c.Count > 0).Select(c => Invariant($"{c.Count} {c.Word}")));
        return Invariant($"{array.Count} {(array.Count == 1 ? "job" : "jobs")}: {parts}");
    }

    /// <summary>How many of its jobs have ended: <c>12%</c>.</summary>
    public static string Progress(ArrayInfo array) =>
        array.IsOver || array.Count == 0 ? "" : Invariant($"{Math.Floor(100.0 * (array.Succeeded + array.Failed) / array.Count):0}%");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
