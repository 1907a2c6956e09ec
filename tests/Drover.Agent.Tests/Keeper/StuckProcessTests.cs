using Drover.Agent.Drivers.Process;
using Drover.Agent.Keeper.Processes;

namespace Drover.Agent.Tests.Keeper;

public sealed class StuckProcessTests
{
    [Fact]
    public void What_hangs_in_the_kernel_is_left_alone_and_the_keeper_stays() => Site.Run(async site =>
    {
        using var freezer = new Freezer();
        KeeperHost.MakeImpatient(site.Folder);
        ProcessDriver driver = await site.DriverAsync();
        RunOrder other = site.Shell("while [ ! -e go ]; do sleep 0.01; done; exit 4");
        RunOrder order = site.Shell("sleep 1000 & echo $!; while [ ! -e go ]; do sleep 0.01; done; exit 3") with { GraceSeconds = 0 };
        await driver.StartAsync(other);
        await driver.StartAsync(order);
        ProcessEntry stuck = await site.FirstProcessAsync(order);
        int keeper = site.Keeper().Id;
        await freezer.FreezeAsync(stuck.Id);

        File.WriteAllText(Path.Combine(site.Run(order), "go"), "");
        AttemptEnd end = await driver.WaitAsync(order.Attempt);
        Assert.Equal(new Ending.Exited(3), end.Ending);
        Assert.Contains($"the keeper sent SIGKILL, and yet process {stuck.Id} did not end", end.Evidence);
        await Site.UntilAsync(() => File.ReadAllText(site.Files.Log).Contains("the kernel holds it", StringComparison.Ordinal));

        File.WriteAllText(Path.Combine(site.Run(other), "go"), "");
        Assert.Equal(new Ending.Exited(4), (await driver.WaitAsync(other.Attempt)).Ending);
        Assert.Equal(keeper, site.Keeper().Id);
    });

    [Fact]
    public void A_first_process_that_hangs_in_the_kernel_is_waited_for_and_that_is_said() => Site.Run(async site =>
    {
        using var freezer = new Freezer();
        KeeperHost.MakeImpatient(site.Folder);
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Order("sleep", "1000");
        int process = (await driver.StartAsync(order)).ProcessId!.Value;
        await freezer.FreezeAsync(process);
        await driver.StopAsync(order.Attempt, new StopOrder("Ada", "enough", 0));
        await Site.UntilAsync(() => File.ReadAllText(site.Files.Log).Contains($"process {process} of attempt 1.1 was sent SIGKILL", StringComparison.Ordinal));
        await Site.UntilAsync(() => driver.TroubleOf(order.Attempt) is not null);
        Assert.StartsWith($"does not end although it was killed: the kernel holds process {process}", driver.TroubleOf(order.Attempt));

        freezer.Thaw();
        Assert.Equal(new Ending.Canceled("Ada", "enough"), (await driver.WaitAsync(order.Attempt)).Ending);
    });
}
