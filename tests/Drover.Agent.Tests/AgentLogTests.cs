namespace Drover.Agent.Tests;

public sealed class AgentLogTests
{
    [Theory]
    [InlineData(false, @"\x1b]0;mine\x07 next")]
    [InlineData(true, @"\u001B]0;mine\u0007\nnext")]
    public void An_entry_is_a_line_in_which_nothing_is_obeyed_by_a_terminal(bool isJson, string expected)
    {
        using var log = new StringWriter { NewLine = "\n" };
        new AgentLog(log, TimeProvider.System, isJson: isJson).Write("\u001b]0;mine\u0007\nnext");
        string line = log.ToString();
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.Equal(1, line.Count(char.IsControl));
    }
}
