namespace Drover.Samples.Tests;

public sealed class ProgramTests
{
    [Theory(Timeout = 60_000)]
    [InlineData("coffee", "the kitchen is clean")]
    [InlineData("workers", "10 workers slept a second each.")]
    [InlineData("race", "the money is given back")]
    [InlineData("blocking", "downloaded: And miles to go before I sleep.")]
    [InlineData("pipeline", "south: 21.5°")]
    public async Task Each_sample_runs_by_its_name(string sample, string words)
    {
        await using SampleProcess program = SampleProcess.Start(sample);

        int exitCode = await program.EndAsync();

        Assert.Contains(words, program.Output.Text, StringComparison.Ordinal);
        Assert.Equal(0, exitCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task Without_a_name_it_lists_the_samples()
    {
        await using SampleProcess program = SampleProcess.Start();

        Assert.Equal(2, await program.EndAsync());
        foreach (string sample in new[] { "coffee", "workers", "race", "blocking", "pipeline", "echo", "roll-call", "terminal" })
        {
            Assert.Contains($"\n  {sample} ", program.Errors.Text, StringComparison.Ordinal);
        }
    }
}
