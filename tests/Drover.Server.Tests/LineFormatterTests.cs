using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Server.Tests;

public sealed class LineFormatterTests
{
    [Fact]
    public void An_entry_is_a_line_in_which_nothing_is_obeyed_by_a_terminal()
    {
        using var log = new StringWriter { NewLine = "\n" };
        new LineFormatter(new StoppedClock()).Write(
            new LogEntry<string>(LogLevel.Warning, "Drover.Agents", 7, "host \u001b]0;mine\u0007\nnext", new IOException("bad \u009b1m"), (state, _) => state),
            scopeProvider: null,
            log);
        string line = log.ToString();
        Assert.Contains(@" warn: Drover.Agents[7] host \x1b]0;mine\x07 next ", line, StringComparison.Ordinal);
        Assert.Contains(@"bad \x9b1m", line, StringComparison.Ordinal);
        Assert.Equal(1, line.Count(char.IsControl));
        Assert.EndsWith("\n", line, StringComparison.Ordinal);
    }
}
