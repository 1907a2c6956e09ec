using System.Globalization;
using Drover.Cli.Commands;

namespace Drover.Cli.Text;

/// <summary>Shows how far an upload or a download is: a bar on terminals, nothing elsewhere.</summary>
/// <param name="context">The command.</param>
/// <param name="doing">What is being done: <c>uploading</c>.</param>
internal sealed class TransferReport(CommandContext context, string doing) : IProgress<TransferProgress>
{
    private const int WidestBar = 30;
    private const int NarrowestBar = 6;

    private volatile bool _isOver;

    public void Report(TransferProgress value)
    {
        if (!_isOver && !context.IsJson)
        {
            context.Terminal.Live(Line(doing, value, context.Terminal.ErrorWidth));
        }
    }

    /// <summary>Takes the bar away.</summary>
    public void End()
    {
        _isOver = true;
        context.Terminal.Live("");
    }

    /// <summary>One line, with as much of it as there is room for: the share and the size first, then the bar, the rate, the files.</summary>
    internal static string Line(string doing, TransferProgress progress, int width)
    {
        string size = progress.TotalBytes is { } total ? $"{Quantities.Bytes(progress.Bytes)} of {Quantities.Bytes(total)}" : Quantities.Bytes(progress.Bytes);
        string percent = progress.Fraction is { } fraction ? string.Create(CultureInfo.InvariantCulture, $" {Math.Floor(fraction * 100):0}%") : "";
        string line = $"{doing}{percent} {size}";
        string files = (progress.Files, progress.TotalFiles) switch
        {
            (_, null or > 1) when progress.Files > 1 || progress.TotalFiles > 1 => progress.TotalFiles is { } all ? $" · {progress.Files} of {all} files" : $" · {progress.Files} files",
            _ => "",
        };
        string rate = progress.BytesPerSecond >= 1 ? $" · {Quantities.Bytes((long)progress.BytesPerSecond)}/s" : "";
        string left = progress.Remaining is { } remaining ? $" · {JobText.Whole(TimeSpan.FromSeconds(Math.Ceiling(remaining.TotalSeconds)))} left" : "";
        foreach (string part in (string[])[left, rate, files])
        {
            line += Plain.Columns(line) + Plain.Columns(part) < width ? part : "";
        }

        int room = width - 1 - Plain.Columns(line) - 3;
        if (progress.Fraction is { } done && room >= NarrowestBar)
        {
            int bar = Math.Min(room, WidestBar);
            int full = (int)(done * bar);
            line = $"{doing} [{new string('#', full)}{new string('.', bar - full)}]{line[doing.Length..]}";
        }

        return line;
    }
}
