namespace Drover.Samples.Tests;

public sealed class TerminalTests
{
    private const string ManySteps = "100000";
    private const string Restored = "\r\e[K\e[A\e[K";

    [Fact(Timeout = 60_000)]
    public async Task Typed_lines_are_answered_while_the_progress_goes_on_and_quit_ends_it()
    {
        await using SampleProcess terminal = SampleProcess.Start("terminal", "200");

        await terminal.Output.WaitForAsync("] 1 %");
        await terminal.Input.WriteLineAsync("hello");
        await terminal.Input.FlushAsync();
        await terminal.Output.WaitForAsync("You typed 5 characters: hello");
        await terminal.Output.WaitForAsync("] 3 %");
        await terminal.Input.WriteLineAsync("quit");
        await terminal.Input.FlushAsync();

        Assert.Equal(0, await terminal.EndAsync());
        Assert.EndsWith($"{Restored}Goodbye.\n", terminal.Output.Text, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_end_of_the_input_ends_it()
    {
        await using SampleProcess terminal = SampleProcess.Start("terminal", ManySteps);

        terminal.Input.Close();

        Assert.Equal(0, await terminal.EndAsync());
        Assert.EndsWith($"{Restored}The input has ended.\n", terminal.Output.Text, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_end_of_the_work_beeps_and_ends_it_although_nobody_types()
    {
        await using SampleProcess terminal = SampleProcess.Start("terminal", "4");

        Assert.Equal(0, await terminal.EndAsync());
        Assert.EndsWith($"] 100 %\e8\a{Restored}The work is done.\n", terminal.Output.Text, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_interrupt_cancels_the_scope_and_restores_the_line()
    {
        await using SampleProcess terminal = SampleProcess.Start("terminal", ManySteps);

        await terminal.Output.WaitForAsync("] 0 %");
        terminal.Interrupt();

        Assert.Equal(130, await terminal.EndAsync());
        Assert.Contains($"{Restored}Interrupted: ", terminal.Output.Text, StringComparison.Ordinal);
        Assert.EndsWith(": SIGINT\n", terminal.Output.Text, StringComparison.Ordinal);
    }
}
