namespace Drover.Agent.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void An_argument_is_hidden_from_others()
    {
        string shown = Arguments();
        string first = shown.Split('\0')[0];
        string hidden = new('*', first.Length);
        try
        {
            Assert.True(CommandLine.Overwrite(first, hidden));
            Assert.DoesNotContain(first, Arguments(), StringComparison.Ordinal);
            Assert.Equal(shown.Length, Arguments().Length);
        }
        finally
        {
            CommandLine.Overwrite(hidden, first);
        }

        Assert.Equal(shown, Arguments());
    }

    [Fact]
    public void What_is_no_argument_cannot_be_hidden() => Assert.False(CommandLine.Overwrite("no such argument", "****************"));

    private static string Arguments() => File.ReadAllText("/proc/self/cmdline");
}
