using Drover.Cli.Text;

namespace Drover.Cli.Tests.Text;

public sealed class PlainTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("Übung 日本", "Übung 日本")]
    [InlineData("\e]0;title\a", @"\x1b]0;title\x07")]
    [InlineData("\u009b2J", @"\x9b2J")]
    [InlineData("a\u200fb\u2028c", @"a\u200fb\u2028c")]
    [InlineData("a\r\n\tb", @"a\r\n\tb")]
    public void What_a_terminal_would_obey_is_written_out(string text, string expected) => Assert.Equal(expected, Plain.Escape(text));

    [Theory]
    [InlineData("orbits", 6, "orbits")]
    [InlineData("orbits", 5, "orbi…")]
    [InlineData("日本語", 5, "日本…")]
    [InlineData("日本語", 4, "日…")]
    public void Text_is_cut_by_the_columns_it_takes(string text, int columns, string expected) =>
        Assert.Equal(expected, Plain.Cut(text, columns));
}
