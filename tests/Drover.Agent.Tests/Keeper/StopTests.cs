using Drover.Agent.Drivers.Process;
using Drover.Agent.Keeper.Processes;

namespace Drover.Agent.Tests.Keeper;

public sealed class StopTests
{
    private static readonly StopOrder s_order = new("Ada", "enough", 10);

    [Fact]
    public void A_canceled_attempt_says_by_whom_and_why() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Order("sleep", "600");
        await driver.StartAsync(order);
        await driver.StopAsync(order.Attempt, s_order);
        AttemptEnd end = await driver.WaitAsync(order.Attempt);
        Assert.Equal(new Ending.Canceled("Ada", "enough"), end.Ending);
        Assert.Contains("was ended by SIGTERM", end.Evidence);
    });

    [Fact]
    public void What_ignores_the_request_is_killed_when_the_grace_is_over() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Shell("trap '' TERM; sleep 600 & echo $!; wait; while true; do sleep 600; done");
        await driver.StartAsync(order);
        ProcessEntry child = await site.FirstProcessAsync(order);
        await driver.StopAsync(order.Attempt, s_order with { GraceSeconds = 0.2 });
        AttemptEnd end = await driver.WaitAsync(order.Attempt);
        Assert.Equal(new Ending.Canceled("Ada", "enough"), end.Ending);
        Assert.Contains("SIGKILL", end.Evidence);
        Assert.False(Site.Lives(child));
    });

    [Fact]
    public void A_second_order_with_a_shorter_grace_holds() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Shell("trap '' TERM; echo ready; while true; do sleep 600; done");
        await driver.StartAsync(order);
        await site.FirstLineAsync(order);
        await driver.StopAsync(order.Attempt, s_order with { GraceSeconds = 600 });
        await driver.StopAsync(order.Attempt, new StopOrder("Ben", null, 0));
        AttemptEnd end = await driver.WaitAsync(order.Attempt);
        Assert.Equal(new Ending.Canceled("Ada", "enough"), end.Ending);
    });

    [Fact]
    public void A_child_with_a_session_of_its_own_is_stopped_too() => Escapes("setsid sleep 600 & sleep 0.1; pgrep -s $! sleep || echo $!; wait");

    [Fact]
    public void A_child_that_ignores_the_request_in_a_session_of_its_own_is_killed() =>
        Escapes("setsid sh -c 'trap \"\" TERM; echo $$; while true; do sleep 600; done' & wait");

    [Fact]
    public void A_daemon_that_forked_twice_is_stopped_too() => Escapes("(setsid sh -c 'echo $$; exec sleep 600' &) & wait; sleep 600");

    [Fact]
    public void A_daemon_that_cleared_its_environment_is_stopped_with_the_last_attempt() =>
        Escapes("(setsid env -i sh -c 'echo $$; exec sleep 600' &) & wait; sleep 600");

    [Fact]
    public void What_the_first_process_leaves_behind_ends_with_it_and_the_evidence_says_so() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Shell("(setsid sleep 600 & echo $!); sleep 600 & exit 3");
        await driver.StartAsync(order);
        AttemptEnd end = await driver.WaitAsync(order.Attempt);
        Assert.Equal(new Ending.Exited(3), end.Ending);
        Assert.Contains("it had left 2 processes behind, which the keeper ended", end.Evidence);
        Assert.Null(ProcessEntry.TryRead(int.Parse(await site.FirstLineAsync(order))));
    });

    [Fact]
    public void An_order_to_stop_shortens_the_grace_of_what_was_left_behind() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Shell("(setsid sh -c 'trap \"\" TERM; echo $$; while true; do sleep 600; done' &); while [ ! -e go ]; do sleep 0.01; done; exit 3");
        await driver.StartAsync(order with { GraceSeconds = 600 });
        ProcessEntry rest = await site.FirstProcessAsync(order);
        File.WriteAllText(Path.Combine(site.Run(order), "go"), "");
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(300)); // By now it has been asked, in vain.
        Assert.True(Site.Lives(rest));
        await driver.StopAsync(order.Attempt, s_order with { GraceSeconds = 0 });
        AttemptEnd end = await driver.WaitAsync(order.Attempt);
        Assert.Equal(new Ending.Exited(3), end.Ending);
        Assert.False(Site.Lives(rest));
    });

    [Fact]
    public void One_attempts_daemon_outlives_another_attempt() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder keeps = site.Shell("(setsid sh -c 'echo $$; exec sleep 600' &) & wait; sleep 600");
        RunOrder ends = site.Shell("exit 0");
        await driver.StartAsync(keeps);
        ProcessEntry daemon = await site.FirstProcessAsync(keeps);
        await driver.StartAsync(ends);
        Assert.DoesNotContain("behind", (await driver.WaitAsync(ends.Attempt)).Evidence);
        Assert.True(Site.Lives(daemon));
        await driver.StopAsync(keeps.Attempt, s_order);
        await driver.WaitAsync(keeps.Attempt);
        Assert.False(Site.Lives(daemon));
    });

    [Fact]
    public void Canceled_before_it_came_it_is_not_started_any_more() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Shell("echo ran");
        await driver.StopAsync(order.Attempt, s_order);
        Assert.Equal(new Ending.Canceled("Ada", "enough"), (await driver.StartAsync(order)).End?.Ending);
        await driver.DisposeAsync();
        await site.KillKeeperAsync();
        driver = await site.DriverAsync();
        Assert.Equal(new Ending.Canceled("Ada", "enough"), (await driver.StartAsync(order)).End?.Ending);
        Assert.False(Directory.Exists(site.Run(order)));
    });

    [Fact]
    public void Canceled_while_it_starts_it_ends_as_canceled_or_is_not_started() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        for (int i = 0; i < 20; i++)
        {
            RunOrder order = site.Order("sleep", "600");
            await TaskGroup.RunAsync(group =>
            {
                group.Start(() => driver.StartAsync(order));
                group.Start(() => driver.StopAsync(order.Attempt, s_order));
            });
            Assert.Equal(new Ending.Canceled("Ada", "enough"), (await driver.WaitAsync(order.Attempt)).Ending);
        }
    });

    [Fact]
    public void A_cancellation_that_comes_as_it_ends_leaves_the_true_ending() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        for (int i = 0; i < 20; i++)
        {
            RunOrder order = site.Shell("exit 3");
            await driver.StartAsync(order);
            await driver.StopAsync(order.Attempt, s_order);
            AttemptEnd end = await driver.WaitAsync(order.Attempt);
            bool endedByItself = end.Evidence.Contains("exited with code 3");
            Assert.Equal(endedByItself && !end.Evidence.Contains("keeper sent"), end.Ending is Ending.Exited { Code: 3 });
            Assert.True(endedByItself || end.Ending is Ending.Canceled, end.ToString());
        }
    });

    [Fact]
    public void Two_hundred_at_once_are_stopped() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder[] orders = [.. Enumerable.Range(0, 200).Select(_ => site.Order("sleep", "600"))];
        await TaskGroup.ForEachAsync(orders, 8, order => driver.StartAsync(order));
        await TaskGroup.ForEachAsync(orders, 200, order => driver.StopAsync(order.Attempt, s_order));
        AttemptEnd[] ends = await TaskGroup.MapAsync(orders, 200, order => driver.WaitAsync(order.Attempt));
        Assert.All(ends, end => Assert.IsType<Ending.Canceled>(end.Ending));
    });

    private static void Escapes(string script) => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Shell(script);
        await driver.StartAsync(order);
        ProcessEntry escaped = await site.FirstProcessAsync(order);
        await driver.StopAsync(order.Attempt, s_order with { GraceSeconds = 1 });
        AttemptEnd end = await driver.WaitAsync(order.Attempt);
        Assert.Equal(new Ending.Canceled("Ada", "enough"), end.Ending);
        Assert.False(Site.Lives(escaped));
    });
}
