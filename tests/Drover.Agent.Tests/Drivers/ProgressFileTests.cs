using System.Text;
using Drover.Agent.Drivers.Process;

namespace Drover.Agent.Tests.Drivers;

public sealed class ProgressFileTests
{
    [Theory]
    [InlineData("{\"fraction\":7}\n", 1.0)]
    [InlineData("{\"fraction\":-1}\n", 0.0)]
    [InlineData("{\"fraction\":0.25,\"unknown\":[1]}\n", 0.25)]
    [InlineData("{\"fraction\":0.25}\n{\"fraction\":\"half\"}\n", 0.25)]
    [InlineData("{\"fraction\":0.25}\n[]\n\n", 0.25)]
    public void A_fraction_is_a_number_from_0_to_1(string text, double fraction) =>
        Assert.Equal(fraction, ProgressFile.Parse(Encoding.UTF8.GetBytes(text))?.Fraction);

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("{\"fraction\":0.5}")]
    [InlineData("{}\n")]
    [InlineData("{\"message\":5}\n")]
    [InlineData("{\"fraction\":1e999}\n")]
    public void What_says_nothing_is_no_progress(string text) => Assert.Null(ProgressFile.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_message_is_short_and_has_no_control_characters()
    {
        Assert.Equal("ab", Message("a\\n\\u001bb"));
        Assert.Equal(200, Message(new string('x', 1000)).Length);
        Assert.Equal(199, Message(new string('x', 199) + "\U0001F40E").Length);
    }

    [Fact]
    public void A_line_longer_than_what_is_read_is_no_progress() => Assert.Null(ProgressFile.Parse(new byte[8192]));

    private static string Message(string text) => ProgressFile.Parse(Encoding.UTF8.GetBytes($"{{\"message\":\"{text}\"}}\n"))!.Message!;
}
