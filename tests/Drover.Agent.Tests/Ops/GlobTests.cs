using Drover.Agent.Ops;

namespace Drover.Agent.Tests.Ops;

/// <summary>Which files a pattern names.</summary>
public sealed class GlobTests
{
    [Theory]
    [InlineData("*.csv", "a.csv", true)]
    [InlineData("*.csv", "out/a.csv", false)]
    [InlineData("*.csv", ".csv", true)]
    [InlineData("*.csv", "a.csvx", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("a?c", "a/c", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[a-c]x", "dx", false)]
    [InlineData("[!a-c]x", "dx", true)]
    [InlineData("[!a-c]x", "ax", false)]
    [InlineData("[]]", "]", true)]
    [InlineData("[a", "[a", true)]
    [InlineData("[a-]", "-", true)]
    [InlineData("out", "out/deep/a.csv", true)]
    [InlineData("out", "output/a.csv", false)]
    [InlineData("out/*", "out/deep/a.csv", true)]
    [InlineData("**", "a/b", true)]
    [InlineData("**/*.csv", "a.csv", true)]
    [InlineData("**/*.csv", "a/b/c.csv", true)]
    [InlineData("**/*.csv", "a/b/c.txt", false)]
    [InlineData("a/**", "a/b/c", true)]
    [InlineData("a/**", "a", false)]
    [InlineData("a/**/z", "a/z", true)]
    [InlineData("a/**/z", "a/b/c/z", true)]
    [InlineData("a/**/z", "a/b/c/y", false)]
    [InlineData("**/a/**/b", "x/a/a/y/b", true)]
    [InlineData("**/a/**", "a/a", true)]
    [InlineData("/a/", "a", true)]
    [InlineData("", "a", false)]
    [InlineData("a*b*c", "axxbyyc", true)]
    [InlineData("a*b*c", "axxbyy", false)]
    [InlineData("*\n*", "a\nb", true)]
    public void Stars_question_marks_and_sets_stand_for_parts_of_a_name_and_two_stars_for_folders(string pattern, string path, bool fits) =>
        Assert.Equal(fits, new Glob(pattern).Fits(path));

    [Fact]
    public void A_pattern_of_many_stars_does_not_take_longer_than_their_number_says()
    {
        string path = string.Concat(Enumerable.Repeat("a/", 100)) + "a";
        Assert.False(new Glob(string.Concat(Enumerable.Repeat("**/a/", 40)) + "b").Fits(path));
        Assert.False(new Glob(string.Concat(Enumerable.Repeat("*a", 40)) + "b").Fits(new string('a', 200)));
    }
}
