using System.Diagnostics;

namespace Drover.Samples.Tests;

public sealed class SdkTests
{
    [Fact(Timeout = 300_000)]
    public async Task The_sample_sends_inputs_watches_fetches_the_result_and_cancels()
    {
        await using var data = new DroverData();
        await using SampleProcess server = Server(data);
        await using SampleProcess sample = Sample(await data.UrlAsync(), data.Token);

        int exitCode = await sample.EndAsync();

        Assert.Equal("", sample.Errors.Text);
        Assert.Equal(
            [
                "submitted job 1",
                "after 250 numbers: 31375",
                "after 500 numbers: 125250",
                "after 750 numbers: 281625",
                "after 1000 numbers: 500500",
                "succeeded; progress 100 %, 1000 of 1000",
                "the sum is 500500",
                "as expected: There is no 'no-such-file' in the run directory.",
                $"canceled by {Environment.UserName}: the sample is over",
            ],
            sample.Output.Lines);
        Assert.Equal(0, exitCode);
    }

    [Fact(Timeout = 300_000)]
    public async Task With_a_wrong_token_it_says_so_in_a_sentence()
    {
        await using var data = new DroverData();
        await using SampleProcess server = Server(data);
        await using SampleProcess sample = Sample(await data.UrlAsync(), "wrong");

        Assert.Equal(1, await sample.EndAsync());
        Assert.Contains("token is not known", Assert.Single(sample.Errors.Lines), StringComparison.Ordinal);
    }

    private static SampleProcess Server(DroverData data) => SampleProcess.Start(
        new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "drover"), ["up", "--foreground", "--data", data.Path, "--port", "0"]));

    private static SampleProcess Sample(string url, string token) =>
        SampleProcess.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Drover.Samples.Sdk"))
        {
            Environment = { ["DROVER_SERVER"] = url, ["DROVER_TOKEN"] = token },
        });
}
