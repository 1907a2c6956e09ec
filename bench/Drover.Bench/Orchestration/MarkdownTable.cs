using System.Text;

namespace Drover.Bench.Orchestration;

/// <summary>Lines of cells as a Markdown table whose columns are aligned in the source too.</summary>
internal static class MarkdownTable
{
    /// <param name="text">Where it goes.</param>
    /// <param name="lines">The heading and the rows.</param>
    /// <param name="isText">Whether a column, by its number, is aligned to the left.</param>
    public static void Append(StringBuilder text, IReadOnlyList<string[]> lines, Func<int, bool> isText)
    {
        var widths = Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length)).ToArray();
        AppendLine(lines[0]);
        AppendLine([.. widths.Select((width, column) => isText(column) ? new string('-', width) : new string('-', width - 1) + ":")]);
        foreach (var line in lines.Skip(1))
        {
            AppendLine(line);
        }

        void AppendLine(string[] cells) => text
            .Append("| ")
            .AppendJoin(" | ", cells.Select((cell, column) => isText(column) ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])))
            .AppendLine(" |");
    }
}
