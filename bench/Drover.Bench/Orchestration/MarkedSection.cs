namespace Drover.Bench.Orchestration;

/// <summary>The part of a Markdown file between two marker comments, which a benchmark may rewrite.</summary>
internal sealed class MarkedSection
{
    private readonly string _path;
    private readonly string _before;
    private readonly string _after;

    private MarkedSection(string path, string before, string after)
    {
        _path = path;
        _before = before;
        _after = after;
    }

    /// <exception cref="BenchmarkException">There is no such file, or it has no such section.</exception>
    public static MarkedSection Find(string path, string name)
    {
        var (beginMark, endMark) = ($"<!-- {name}:begin -->", $"<!-- {name}:end -->");
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        var begin = text.IndexOf(beginMark, StringComparison.Ordinal);
        var end = text.IndexOf(endMark, StringComparison.Ordinal);
        return begin >= 0 && end > begin
            ? new MarkedSection(path, text[..(begin + beginMark.Length)], text[end..])
            : throw new BenchmarkException($"{path} needs a line {beginMark} and below it a line {endMark}: the table goes between them.");
    }

    public void Replace(string content) => File.WriteAllText(_path, $"{_before}\n\n{content.Trim()}\n\n{_after}");
}
