namespace Drover.Bench.Runtime;

/// <summary>The part of a Markdown file between two marker comments, which the benchmark may rewrite.</summary>
internal sealed class MarkedSection
{
    private const string Begin = "<!-- runtime:begin -->";
    private const string End = "<!-- runtime:end -->";

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
    public static MarkedSection Find(string path)
    {
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        var begin = text.IndexOf(Begin, StringComparison.Ordinal);
        var end = text.IndexOf(End, StringComparison.Ordinal);
        return begin >= 0 && end > begin
            ? new MarkedSection(path, text[..(begin + Begin.Length)], text[end..])
            : throw new BenchmarkException($"{path} needs a line {Begin} and below it a line {End}: the table goes between them.");
    }

    public void Replace(string content) => File.WriteAllText(_path, $"{_before}\n\n{content.Trim()}\n\n{_after}");
}
