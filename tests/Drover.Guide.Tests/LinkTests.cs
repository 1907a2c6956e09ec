using System.Text.RegularExpressions;

namespace Drover.Guide.Tests;

/// <summary>What the documents point to is there.</summary>
public sealed class LinkTests
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture;
    private static readonly Regex s_link = new(@"\]\((?<target>[^)#]+)(#[^)]*)?\)", Options);
    private static readonly Regex s_path = new(@"`(?<path>[A-Za-z.]+/[\w./]*)`", Options);

    private static IEnumerable<string> Documents => Directory
        .EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)
        .Concat(Directory.EnumerateFiles(Repository.PathOf("."), "*.md"));

    [Fact]
    public void Every_link_to_a_file_leads_to_one() => Assert.All(
        from document in Documents
        from Match link in s_link.Matches(File.ReadAllText(document))
        let target = link.Groups["target"].Value
        where !target.Contains("://", StringComparison.Ordinal)
        select (document, target),
        each => Assert.True(
            Path.Exists(Path.Combine(Path.GetDirectoryName(each.document)!, each.target)), $"{each.document} links to {each.target}"));

    /// <summary>In the tour a path is one of the repository or one below the library.</summary>
    [Fact]
    public void Every_file_and_folder_that_the_tour_names_exists() => Assert.All(
        s_path.Matches(File.ReadAllText(Repository.PathOf("docs/tour.md"))).Select(match => match.Groups["path"].Value),
        path => Assert.True(
            Path.Exists(Repository.PathOf(path)) || Path.Exists(Repository.PathOf($"src/Drover.Coroutines/{path}")), path));
}
