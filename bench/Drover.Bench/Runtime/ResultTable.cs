using System.Globalization;
using System.Text;

namespace Drover.Bench.Runtime;

/// <summary>The table for people: a row per case, a column per peer, each with its ratio to drover.</summary>
internal static class ResultTable
{
    private const string Reference = "drover";

    public static string Format(IReadOnlyList<CaseRow> rows, IReadOnlyList<Peer> peers, string machine)
    {
        List<string[]> lines = [["case", "unit", .. peers.Select(peer => peer.Name)]];
        lines.AddRange(rows.Select(row => (string[])[row.Case.Name, row.Case.Unit, .. peers.Select(peer => Cell(row, peer.Name))]));

        var text = new StringBuilder();
        AppendAligned(text, lines);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"{machine}.");
        text.AppendLine(
            "Medians of alternating runs, each in a fresh process. In parentheses: the ratio to drover. " +
            "More is better for requests/s, less for everything else. –: the case has no meaning for the peer.");
        AppendRemarks(text, rows);
        return text.ToString();
    }

    private static string Cell(CaseRow row, string peer) => row.Results[peer] switch
    {
        CaseResult.Measured measured when peer != Reference && row.Results.GetValueOrDefault(Reference) is CaseResult.Measured reference =>
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

    private static void AppendAligned(StringBuilder text, List<string[]> lines)
    {
        var widths = Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length)).ToArray();
        AppendLine(lines[0]);
        AppendLine([.. widths.Select((width, column) => IsText(column) ? new string('-', width) : new string('-', width - 1) + ":")]);
        foreach (var line in lines.Skip(1))
        {
            AppendLine(line);
        }

        void AppendLine(string[] cells) => text
            .Append("| ")
            .AppendJoin(" | ", cells.Select((cell, column) => IsText(column) ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])))
            .AppendLine(" |");

        static bool IsText(int column) => column < 2;
    }

    private static void AppendRemarks(StringBuilder text, IReadOnlyList<CaseRow> rows)
    {
        var remarks =
            from row in rows
            from result in row.Results
            let remark = result.Value switch
            {
                CaseResult.Measured { Note: { } note } => note,
                CaseResult.Failed failed => $"error: {failed.Reason}",
                _ => null,
            }
            where remark is not null
            select $"- {row.Case.Name}, {result.Key}: {remark}";
        var separator = Environment.NewLine;
        foreach (var remark in remarks)
        {
            text.Append(separator).AppendLine(remark);
            separator = "";
        }
    }
}
