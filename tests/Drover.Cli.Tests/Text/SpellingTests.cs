using Drover.Cli.Text;

namespace Drover.Cli.Tests.Text;

public sealed class SpellingTests
{
    [Theory]
    [InlineData("lsit", "list")]
    [InlineData("lst", "list")]
    [InlineData("expl", "explain")]
    [InlineData("cancle", "cancel")]
    [InlineData("frobnicate", null)]
    public void The_nearest_word_is_found_when_one_is_near(string word, string? expected) =>
        Assert.Equal(expected, Spelling.Nearest(word, ["run", "list", "log", "explain", "cancel"]));
}
