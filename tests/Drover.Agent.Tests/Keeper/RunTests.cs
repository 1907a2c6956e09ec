using Drover.Agent.Drivers;
using Drover.Agent.Drivers.Process;

namespace Drover.Agent.Tests.Keeper;

public sealed class RunTests
{
    [Fact]
    public void A_program_runs_and_its_exit_code_is_told() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Shell("echo out; exit 3");
        AttemptRecord record = await driver.StartAsync(order);
        AttemptEnd end = await driver.WaitAsync(order.Attempt);
        Assert.NotNull(record.ProcessId);
        Assert.Equal(new Ending.Exited(3), end.Ending);
        Assert.Equal("out\n", site.Output(order));
        Assert.Contains($"process {record.ProcessId} exited with code 3", end.Evidence);
        Assert.Null(end.ErrorTail);
        Assert.True(end.Usage!.CpuSeconds >= 0);
    });

    [Fact]
    public void An_order_that_the_keeper_stumbles_over_fails_and_what_runs_keeps_its_exit_code() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder running = site.Shell("while [ ! -e go ]; do sleep 0.01; done; exit 3");
        await driver.StartAsync(running);

        AttemptRecord record = await driver.StartAsync(site.Order("true", null!));
        Assert.Equal(LaunchFailure.Other, Assert.IsType<Ending.LaunchFailed>(record.End?.Ending).Reason);

        File.WriteAllText(Path.Combine(site.Run(running), "go"), "");
        Assert.Equal(new Ending.Exited(3), (await driver.WaitAsync(running.Attempt)).Ending);
    });
}
