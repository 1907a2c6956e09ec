using Drover.Agent.Tests.Fakes;

namespace Drover.Agent.Tests.Attempts;

public sealed class EarlierAttemptTests
{
    private static readonly AttemptId s_first = new(new JobId(1), 1);
    private static readonly AttemptId s_second = new(new JobId(1), 2);
    private static readonly AttemptId s_third = new(new JobId(1), 3);

    [Fact]
    public void The_processes_of_two_attempts_of_a_job_never_run_at_the_same_time() => Keeper.Site.Run(async site =>
    {
        await using TestServer server = await TestServer.StartAsync();
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(() => site.RunAgentAsync(server), "agent");
            Peer peer = await server.WelcomeAsync();
            await peer.SendAsync(Order(s_first, "trap 'sleep 0.3; echo first ends >>story; exit 0' TERM; echo first >>story; while :; do sleep 0.02; done"));
            await peer.ReceiveAsync<AgentMessage.Started>();
            string story = Path.Combine(site.Files.Run("1"), "story");
            await Keeper.Site.UntilAsync(() => File.Exists(story) && File.ReadAllText(story).Contains("first\n", StringComparison.Ordinal));

            await peer.SendAsync(Order(s_second, "echo second >>story"));
            Assert.IsType<Ending.Canceled>((await peer.ReceiveEndAsync(s_first)).End.Ending);
            Assert.Equal(new Ending.Exited(0), (await peer.ReceiveEndAsync(s_second)).End.Ending);
            Assert.Equal(["first", "first ends", "second"], await File.ReadAllLinesAsync(story));
            group.Cancel("the test is over");
        });
    });

    [Fact]
    public async Task Each_attempt_waits_for_the_end_of_those_before_it()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.StopsLate = true;
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Peer.Order(s_first), Peer.Order(s_second), Peer.Order(s_third), Peer.Order(new AttemptId(new JobId(2), 2)));
        await Patience.UntilAsync(() => agent.Driver.Calls.Count == 4, "the stops of the first and of the second, which was never started");
        Assert.Equal(["start 1.1", "start 2.2", "stop 1.1", "stop 1.2"], agent.Driver.Calls.Order());

        agent.Driver.End(s_second, new Ending.Canceled("drover"));
        agent.Driver.End(s_first, new Ending.Exited(0));
        await Patience.UntilAsync(() => agent.Driver.Calls.Contains("start 1.3"), "the start of the third");
        Assert.DoesNotContain("start 1.2", agent.Driver.Calls);
    }

    [Fact]
    public async Task An_attempt_that_is_stopped_while_it_waits_for_the_one_before_is_never_started()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.StopsLate = true;
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Peer.Order(s_first), Peer.Order(s_second), new ServerMessage.Stop(s_second, new StopOrder("ada", "enough", 10)));
        await Patience.UntilAsync(() => agent.Driver.Calls.Contains("stop 1.2"), "the stop of the second");
        agent.Driver.End(s_second, new Ending.Canceled("ada", "enough"));
        await peer.ReceiveEndAsync(s_second); // The first may run on for as long as it likes.
        Assert.DoesNotContain("start 1.2", agent.Driver.Calls);
    }

    [Fact]
    public async Task A_job_waits_for_the_end_of_another_in_the_same_run_directory()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.StopsLate = true;
        var next = new AttemptId(new JobId(2), 1);
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Peer.Order(s_first));
        await peer.ReceiveAsync<AgentMessage.Started>();
        await peer.SendAsync(
            new ServerMessage.Stop(s_first, new StopOrder("drover", "it was given up", 10)),
            new ServerMessage.Run(Peer.Order(next).Order with { RunDirectory = "job-1" }),
            Peer.Order(new AttemptId(new JobId(3), 1)));
        await Patience.UntilAsync(() => agent.Driver.Calls.Contains("start 3.1"), "the start of one with a run directory of its own");
        Assert.DoesNotContain("start 2.1", agent.Driver.Calls);

        agent.Driver.End(s_first, new Ending.Canceled("drover"));
        await Patience.UntilAsync(() => agent.Driver.Calls.Contains("start 2.1"), "the start of the next");
        Assert.Equal(1, agent.Driver.Calls.Count(call => call == "stop 1.1")); // Who is to stop is the server's to say.
    }

    [Fact]
    public async Task A_job_that_waits_for_another_in_its_run_directory_is_stopped_at_once()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.StopsLate = true;
        var next = new AttemptId(new JobId(2), 1);
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Peer.Order(s_first));
        await peer.ReceiveAsync<AgentMessage.Started>();
        await peer.SendAsync(
            new ServerMessage.Run(Peer.Order(next).Order with { RunDirectory = "job-1" }),
            new ServerMessage.Stop(next, new StopOrder("ada", "enough", 10)));
        await Patience.UntilAsync(() => agent.Driver.Calls.Contains("stop 2.1"), "the stop of the one that waits");
        agent.Driver.End(next, new Ending.Canceled("ada", "enough"));
        await peer.ReceiveEndAsync(next);
        Assert.DoesNotContain("start 2.1", agent.Driver.Calls);
    }

    private static ServerMessage.Run Order(AttemptId attempt, string script) => new(new RunOrder
    {
        Attempt = attempt,
        RunDirectory = attempt.Job.ToString(),
        Spec = new JobSpec { Command = ["sh", "-c", script] },
        GraceSeconds = 10,
    });
}
