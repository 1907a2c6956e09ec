using Drover.Agent.Drivers.Process;

namespace Drover.Agent.Tests.Keeper;

public sealed class RemovalTests
{
    [Fact]
    public void A_run_directory_goes_with_all_that_a_job_can_leave_in_it() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Shell("""
            mkdir -p locked/inner one two; echo x >locked/inner/file; chmod 000 locked/inner; chmod 500 locked
            printf x >"$(printf 'odd \377\n name')"; mkfifo pipe; ln -s nowhere dangling; : >-rf
            top=$PWD
            for chain in one two; do
                cd "$top/$chain"; i=0
                while [ $i -lt 200 ]; do mkdir deep_and_deeper && cd deep_and_deeper || exit 1; i=$((i+1)); done
            done
            mv "$top/one" .
            """);
        await driver.StartAsync(order);
        Assert.Equal(new Ending.Exited(0), (await driver.WaitAsync(order.Attempt)).Ending);
        Assert.Equal([order.RunDirectory], await driver.RemoveAsync([order.RunDirectory]));
        Assert.False(Path.Exists(site.Run(order)));
        Assert.Equal([order.RunDirectory], await driver.RemoveAsync([order.RunDirectory])); // Again: it is gone.
    });

    [Fact]
    public void Nothing_outside_of_it_goes_whatever_links_there_are() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        string precious = Path.Combine(site.Folder, "precious");
        Directory.CreateDirectory(precious);
        await File.WriteAllTextAsync(Path.Combine(precious, "file"), "mine");
        RunOrder order = site.Shell($"ln -s '{precious}' folder; ln -s '{precious}/file' file; mkdir sub; ln -s ../../../precious sub/up");
        await driver.StartAsync(order);
        await driver.WaitAsync(order.Attempt);
        RunOrder replaced = site.Shell($"cd ..; rm -rf {order.RunDirectory}; mv 2 elsewhere; ln -s '{precious}' 2");
        await driver.RemoveAsync([order.RunDirectory]);
        await driver.StartAsync(replaced); // It puts a link in the place of its own run directory.
        await driver.WaitAsync(replaced.Attempt);
        Assert.Equal(["2"], await driver.RemoveAsync(["2", "..", ".", "", "../precious", "/etc"]));
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(precious, "file")));
        Assert.False(Path.Exists(site.Files.Run("2")));
    });
}
