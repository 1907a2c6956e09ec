using Drover.Cli.Consoles;
using Drover.Cli.Help;
using Drover.Cli.Text;

namespace Drover.Cli.Tests.Help;

public sealed class HelpTests : CommandTest
{
    public static TheoryData<string> Topics => [.. HelpTopics.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Topics))]
    public async Task A_topic_is_short_and_no_wider_than_a_page(string topic)
    {
        CommandResult result = await RunAsync("help", topic);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        string[] lines = result.Output.TrimEnd('\n').Split('\n');
        Assert.InRange(lines.Length, 5, 36);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 120));
    }

    [Fact]
    public async Task Help_lists_every_topic_and_no_hidden_command()
    {
        string help = (await RunAsync("help")).Output;
        Assert.All(HelpTopics.All, topic => Assert.Contains($"  {topic.Name} ", help));
        Assert.DoesNotContain("keeper", help);
        Assert.DoesNotContain("  complete ", help);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    public async Task Help_keeps_to_the_width_of_the_terminal(int width)
    {
        string help = (await RunAsync(new CommandOutput(width: width), "help", "submit")).Output;
        Assert.All(help.Split('\n'), line => Assert.InRange(Plain.Columns(line), 0, width));
    }

    [Theory]
    [InlineData(true, null, null, null, true)]
    [InlineData(false, null, null, null, false)]
    [InlineData(true, "1", null, null, false)]
    [InlineData(false, null, "1", null, true)]
    [InlineData(false, null, "0", null, false)]
    [InlineData(true, null, null, "0", false)]
    [InlineData(false, "1", "1", null, false)]
    public void Who_sets_a_variable_decides_about_colors(bool isTerminal, string? noColor, string? force, string? cliColor, bool hasColors)
    {
        var environment = new Dictionary<string, string?> { ["NO_COLOR"] = noColor, ["CLICOLOR_FORCE"] = force, ["CLICOLOR"] = cliColor };
        Assert.Equal(hasColors, Terminal.WantsColors(isTerminal, environment.GetValueOrDefault));
    }
}
