using Drover.Coroutines.Testing;

namespace Drover.Samples.Tests;

public sealed class WorkersTests
{
    [Fact]
    public void Ten_workers_that_sleep_a_second_take_one_second_together()
    {
        var output = new OutputLog();

        TimeSpan elapsed = Schedules.RunInVirtualTime(() => Workers.RunAsync(output));

        Assert.Equal(TimeSpan.FromSeconds(1), elapsed);
        Assert.Equal(
            [.. Enumerable.Range(1, 10).Select(n => $"worker {n} is done"), "10 workers slept a second each. Together they took 1.0 s."],
            output.Lines);
    }
}
