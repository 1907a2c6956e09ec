using Drover.Coroutines.Testing;

namespace Drover.Samples.Tests;

public sealed class PipelineTests
{
    [Fact]
    public void Averages_come_out_as_measurements_go_in_and_the_summaries_are_returned()
    {
        var output = new OutputLog();

        IReadOnlyList<Pipeline.Summary> summaries = Schedules.RunInVirtualTime(() => Pipeline.RunAsync(output));

        Assert.Equal([new("north", Count: 3, Average: 13, Broken: 1), new("south", Count: 2, Average: 21.5, Broken: 0)], summaries);
        Assert.Equal(
            [
                "12.0 → 12.0",
                "13.0 → 12.5",
                "   ? → 12.5",
                "14.0 → 13.0",
                " end → nothing yet",
                "21.0 → 21.0",
                "22.0 → 21.5",
                "north: 13.0° from 3 measurements, 1 broken",
                "south: 21.5° from 2 measurements, 0 broken",
            ],
            output.Lines);
    }
}
