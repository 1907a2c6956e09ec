using System.Text;
using Drover.Cli.Following;

namespace Drover.Cli.Tests.Following;

public sealed class LogTailTests
{
    [Theory]
    [InlineData("a\nb\nc\n", 2, "b\nc\n")]
    [InlineData("a\nb\nc", 2, "b\nc")]
    [InlineData("a\nb", 5, "a\nb")]
    [InlineData("a\n\n\n", 2, "\n\n")]
    [InlineData("a\n", 0, "")]
    [InlineData("", 3, "")]
    public void The_last_lines_begin_where_they_begin(string text, int lines, string expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Assert.Equal(expected, Encoding.UTF8.GetString(bytes[LogTail.StartOfLast(bytes, lines)..]));
    }
}
