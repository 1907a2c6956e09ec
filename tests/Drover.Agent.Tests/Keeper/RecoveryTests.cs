using Drover.Agent.Drivers;
using Drover.Agent.Drivers.Process;
using Drover.Agent.Keeper.Messages;
using Drover.Agent.Keeper.Processes;
using Drover.Agent.Tests.Fakes;

namespace Drover.Agent.Tests.Keeper;

public sealed class RecoveryTests
{
    [Fact]
    public void A_new_agent_finds_what_runs_and_what_has_ended() => Site.Run(async site =>
    {
        ProcessDriver killed = await site.DriverAsync();
        RunOrder ended = site.Shell("exit 4");
        RunOrder running = site.Shell("while true; do sleep 0.01; done");
        await killed.StartAsync(ended);
        AttemptRecord started = await killed.StartAsync(running);
        await killed.WaitAsync(ended.Attempt);

        var next = await site.DriverAsync();
        Dictionary<AttemptId, AttemptRecord> records = (await next.RecoverAsync()).ToDictionary(record => record.Attempt);
        Assert.Equal(new Ending.Exited(4), records[ended.Attempt].End?.Ending);
        Assert.Equal(started, records[running.Attempt]);
        Assert.Equal(started, await next.StartAsync(running));

        await next.StopAsync(running.Attempt, new StopOrder("Ada", null, 10));
        Assert.IsType<Ending.Canceled>((await next.WaitAsync(running.Attempt)).Ending);
    });

    [Fact]
    public void What_ends_while_no_agent_is_there_is_told_to_the_next() => Site.Run(async site =>
    {
        ProcessDriver killed = await site.DriverAsync();
        RunOrder order = site.Shell("while [ ! -e go ]; do sleep 0.01; done; exit 6");
        AttemptRecord record = await killed.StartAsync(order);
        await killed.DisposeAsync();
        ProcessEntry process = ProcessEntry.TryRead(record.ProcessId!.Value)!.Value;
        File.WriteAllText(Path.Combine(site.Run(order), "go"), "");
        await Site.UntilAsync(() => !Site.Lives(process));

        ProcessDriver next = await site.DriverAsync();
        Assert.Equal(new Ending.Exited(6), (await next.WaitAsync(order.Attempt)).Ending);
    });

    [Fact]
    public void A_killed_keeper_leaves_its_jobs_running_and_the_next_one_stops_them() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Shell("echo $$; trap '' TERM; while true; do sleep 0.01; done");
        await driver.StartAsync(order);
        ProcessEntry process = await site.FirstProcessAsync(order);
        await site.KillKeeperAsync();
        Assert.True(Site.Lives(process));

        await driver.StopAsync(order.Attempt, new StopOrder("Ada", "enough", 0.1));
        AttemptEnd end = await driver.WaitAsync(order.Attempt);
        Assert.Equal(new Ending.Canceled("Ada", "enough"), end.Ending);
        Assert.False(Site.Lives(process));
    });

    [Fact]
    public void What_ends_without_the_keeper_that_started_it_is_lost_and_says_why() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Shell("while [ ! -e go ]; do sleep 0.01; done");
        await driver.StartAsync(order);
        await site.KillKeeperAsync();
        File.WriteAllText(Path.Combine(site.Run(order), "go"), "");
        AttemptEnd end = await driver.WaitAsync(order.Attempt);
        Assert.Contains("the keeper that had started it was killed", Assert.IsType<Ending.Lost>(end.Ending).Reason);
    });

    [Fact]
    public void Agent_and_keeper_killed_together_lose_no_job() => Site.Run(async site =>
    {
        ProcessDriver killed = await site.DriverAsync();
        RunOrder running = site.Shell("while true; do sleep 0.01; done");
        RunOrder ended = site.Shell("exit 7");
        AttemptRecord record = await killed.StartAsync(running);
        await killed.StartAsync(ended);
        await killed.WaitAsync(ended.Attempt);
        await killed.DisposeAsync();
        await site.KillKeeperAsync();

        ProcessDriver next = await site.DriverAsync();
        Dictionary<AttemptId, AttemptRecord> records = (await next.RecoverAsync()).ToDictionary(r => r.Attempt);
        Assert.Equal(record, records[running.Attempt]);
        Assert.Equal(new Ending.Exited(7), records[ended.Attempt].End?.Ending);
        await next.StopAsync(running.Attempt, new StopOrder("Ada", null, 10));
        Assert.IsType<Ending.Canceled>((await next.WaitAsync(running.Attempt)).Ending);
    });

    [Fact]
    public void An_order_that_a_killed_keeper_did_not_take_is_given_to_the_next_and_runs_once() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        for (int i = 0; i < 5; i++)
        {
            RunOrder order = site.Shell("echo started; while true; do sleep 0.01; done");
            await TaskGroup.AllAsync(
                async () =>
                {
                    await driver.StartAsync(order);
                    return true;
                },
                async () =>
                {
                    await site.KillKeeperAsync();
                    return true;
                });
            await driver.StopAsync(order.Attempt, new StopOrder("Ada", null, 10));
            AttemptEnd end = await driver.WaitAsync(order.Attempt);
            Assert.True(site.Output(order) is "" or "started\n", site.Output(order));
            Assert.True(end.Ending is Ending.Canceled or Ending.Lost, end.ToString());
        }
    });

    [Fact]
    public void A_stop_of_an_attempt_that_never_came_is_given_to_the_next_keeper_until_its_end_is_known() => Site.Run(async site =>
    {
        RunOrder order = site.Shell("echo ran");
        ProcessDriver? driver = null;
        await TaskGroup.RunAsync(group =>
        {
            group.Start(() => new PlayedKeeper(site).DieAfterAsync<KeeperCommand.Stop>(new KeeperEvent.Stopping(order.Attempt)));
            group.Start(async () =>
            {
                driver = await site.DriverAsync();
                await driver.StopAsync(order.Attempt, new StopOrder("Ada", "enough", 10));
            });
        });
        Assert.Equal(new Ending.Canceled("Ada", "enough"), (await driver!.WaitAsync(order.Attempt)).Ending);
    });

    [Fact]
    public void An_attempt_that_the_keeper_still_starts_when_the_next_agent_comes_is_reported_as_started_then() => Site.Run(async site =>
    {
        await using TestServer server = await TestServer.StartAsync();
        var starting = new AttemptId(new JobId(1), 1);
        var other = new AttemptId(new JobId(2), 1);
        var keeper = new PlayedKeeper(site) { Records = [new AttemptRecord { Attempt = starting, RunDirectory = "1" }] };
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(() => keeper.DieAfterAsync<KeeperCommand.Start>(new KeeperEvent.Started(starting, 4711, DateTimeOffset.UnixEpoch)));
            group.Start(() => site.RunAgentAsync(server), "agent");
            Peer peer = await server.WelcomeAsync();
            await peer.RunAsync(other); // The keeper speaks when it has this order.
            var started = await peer.ReceiveAsync<AgentMessage.Started>();
            Assert.Equal((starting, 4711), (started.Attempt, started.ProcessId));
            group.Cancel("the test is over");
        });
    });

    [Fact]
    public void Forgotten_attempts_are_gone_for_the_next_agent() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Shell("exit 0");
        await driver.StartAsync(order);
        await driver.WaitAsync(order.Attempt);
        await driver.ForgetAsync([order.Attempt]);
        await Site.UntilAsync(() => File.ReadAllText(site.Files.Journal).Contains("forgotten"));
        await driver.DisposeAsync();
        Assert.Empty(await (await site.DriverAsync()).RecoverAsync());
    });

    [Fact]
    public void A_time_limit_holds_while_no_agent_is_there() => Site.Run(async site =>
    {
        ProcessDriver killed = await site.DriverAsync();
        RunOrder order = site.Shell("while true; do sleep 0.01; done");
        order = order with { Spec = order.Spec with { TimeLimitSeconds = 0.2 } };
        await killed.StartAsync(order);
        ProcessEntry process = ProcessEntry.TryRead((await killed.RecoverAsync())[0].ProcessId!.Value)!.Value;
        await killed.DisposeAsync();
        await Site.UntilAsync(() => !Site.Lives(process));
        AttemptEnd end = await (await site.DriverAsync()).WaitAsync(order.Attempt);
        Assert.Equal(new Ending.TimeLimit(0.2), end.Ending);
        Assert.Contains("its time limit of 200 ms", end.Evidence);
    });

    [Fact]
    public void A_time_limit_is_kept_by_the_keeper_after_a_killed_one() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Shell("while true; do sleep 0.01; done");
        order = order with { Spec = order.Spec with { TimeLimitSeconds = 0.5 } };
        await driver.StartAsync(order);
        await site.KillKeeperAsync();
        AttemptEnd end = await driver.WaitAsync(order.Attempt);
        Assert.Equal(new Ending.TimeLimit(0.5), end.Ending);
    });
}
