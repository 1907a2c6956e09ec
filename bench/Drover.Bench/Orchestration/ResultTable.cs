using System.Globalization;
using System.Text;

namespace Drover.Bench.Orchestration;

/// <summary>The table for people: a row per metric, a column per peer, each with its ratio to drover; then the targets.</summary>
internal static class ResultTable
{
    public static string Format(IReadOnlyList<CaseRow> rows, IReadOnlyList<Peer> peers, IReadOnlyList<TargetVerdict> verdicts, string machine)
    {
        List<string[]> lines = [["case", "unit", .. peers.Select(peer => peer.Name)]];
        lines.AddRange(rows.Select(row => (string[])[row.Metric.Name, row.Metric.Unit, .. peers.Select(peer => Cell(row, peer.Name))]));

        var text = new StringBuilder();
        MarkdownTable.Append(text, lines, isText: column => column < 2);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"{machine}.");
        text.AppendLine(
            "Medians of alternating runs, each in a fresh process. In parentheses: the ratio to drover. " +
            $"{WhatIsBetter(rows)} –: the case has no meaning for the peer.");
        AppendTargets(text, verdicts);
        AppendRemarks(text, rows);
        return text.ToString();
    }

    private static string WhatIsBetter(IReadOnlyList<CaseRow> rows)
    {
        var units = rows.Where(row => row.Metric.MoreIsBetter).Select(row => row.Metric.Unit).Distinct(StringComparer.Ordinal).ToList();
        return units.Count == 0 ? "Less is better." : $"More is better for {string.Join(" and ", units)}, less for everything else.";
    }

    private static string Cell(CaseRow row, string peer) => row.Results[peer] switch
    {
        CaseResult.Measured measured when peer != Peer.Reference && row.Results.GetValueOrDefault(Peer.Reference) is CaseResult.Measured reference =>
            $"{Number(measured.Value)} ({Number(measured.Value / reference.Value)}×)",
        CaseResult.Measured measured => Number(measured.Value),
        CaseResult.Failed => "error",
        _ => "–",
    };

    /// <summary>Three digits that count: more would claim a precision that these measurements do not have.</summary>
    private static string Number(double value)
    {
        if (value == 0 || !double.IsFinite(value))
        {
            return value.ToString(CultureInfo.InvariantCulture);
        }

        var step = Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(value))) - 2);
        var decimals = Math.Clamp(-(int)Math.Log10(step), 0, 9);
        return (Math.Round(value / step) * step).ToString($"N{decimals}", CultureInfo.InvariantCulture);
    }

    private static void AppendTargets(StringBuilder text, IReadOnlyList<TargetVerdict> verdicts)
    {
        if (verdicts.Count == 0)
        {
            return;
        }

        List<string[]> lines = [["what", "must reach", "found", "met"]];
        lines.AddRange(verdicts.Select(each => (string[])[each.Metric.Name, each.MustReach, Found(each), Met(each)]));
        text.AppendLine();
        MarkdownTable.Append(text, lines, isText: column => column != 2);

        static string Found(TargetVerdict verdict) => verdict.Found is not { } found ? "–"
            : verdict.IsRatio ? found.ToString("P0", CultureInfo.InvariantCulture)
            : $"{Number(found)} {verdict.Metric.Unit}";

        static string Met(TargetVerdict verdict) => verdict.IsMet switch
        {
            true => "yes",
            false => "no",
            null => "not measured",
        };
    }

    private static void AppendRemarks(StringBuilder text, IReadOnlyList<CaseRow> rows)
    {
        var notes =
            from row in rows
            from result in row.Results
            let note = (result.Value as CaseResult.Measured)?.Note
            where note is not null
            select $"- {row.Metric.Name}, {result.Key}: {note}";
        var errors =
            from row in rows
            from result in row.Results
            let failed = result.Value as CaseResult.Failed
            where failed is not null
            group row.Metric.Name by (Peer: result.Key, failed.Reason) into failure // A case fails for all its metrics.
            select $"- {string.Join(" and ", failure)}, {failure.Key.Peer}: error: {failure.Key.Reason}";
        var separator = Environment.NewLine;
        foreach (var remark in notes.Concat(errors))
        {
            text.Append(separator).AppendLine(remark);
            separator = "";
        }
    }
}
