using System.Text.RegularExpressions;

namespace Drover.Guide.Tests;

/// <summary>What the documents point to is there.</summary>
public sealed class LinkTests
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture;
    private static readonly Regex s_link = new(@"\]\((?<target>[^)#]*)(#(?<heading>[^)]*))?\)", Options);
    private static readonly Regex s_path = new(@"`(?<path>[A-Za-z.]+/[\w./]*)`", Options);
    private static readonly Regex s_noAnchor = new(@"[^\w\- ]", Options);

    private static IEnumerable<string> Documents =>
    [
        .. Directory.EnumerateFiles(Repository.PathOf("."), "*.md").Select(file => Path.GetFileName(file)),
        .. new[] { "docs", "src", "samples", "bench" }.SelectMany(folder => Repository.FilesBelow(folder, "*.md")),
    ];

    private static IEnumerable<(string Document, string Target, string Heading)> Links =>
        from document in Documents
        from Match link in s_link.Matches(File.ReadAllText(Repository.PathOf(document)))
        let target = link.Groups["target"].Value
        where !target.Contains("://", StringComparison.Ordinal)
        select (document, target, link.Groups["heading"].Value);

    /// <summary>The documents that name files, and the folder below which their paths are, beside the repository itself.</summary>
    public static TheoryData<string, string> Tours => new()
    {
        { "docs/tour.md", "src" },
        { "docs/tour-coroutines.md", "src/Drover.Coroutines" },
        { "README.md", "." },
        { "CONTRIBUTING.md", "." },
    };

    [Fact]
    public void Every_link_to_a_file_leads_to_one() => Assert.All(
        Links, link => Assert.True(Path.Exists(FileOf(link.Document, link.Target)), $"{link.Document} links to {link.Target}"));

    [Fact]
    public void Every_link_to_a_heading_leads_to_one() => Assert.All(
        Links.Where(link => link.Heading.Length > 0),
        link => Assert.True(
            AnchorsOf(FileOf(link.Document, link.Target)).Contains(link.Heading), $"{link.Document} links to {link.Target}#{link.Heading}"));

    [Theory]
    [MemberData(nameof(Tours))]
    public void Every_file_and_folder_that_a_tour_names_exists(string document, string folder) => Assert.All(
        s_path.Matches(File.ReadAllText(Repository.PathOf(document))).Select(match => match.Groups["path"].Value),
        path => Assert.True(
            Path.Exists(Repository.PathOf(path)) || Path.Exists(Repository.PathOf($"{folder}/{path}")), path));

    private static string FileOf(string document, string target) => target.Length == 0
        ? Repository.PathOf(document)
        : Path.Combine(Path.GetDirectoryName(Repository.PathOf(document))!, target);

    /// <summary>The anchors of a document's headings: lower case, without punctuation, with dashes for spaces.</summary>
    private static HashSet<string> AnchorsOf(string path) =>
    [
        .. File.ReadLines(path)
            .Where(line => line.StartsWith('#'))
            .Select(line => s_noAnchor.Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-')),
    ];
}
