using Drover.Agent.Tests.Fakes;
using Microsoft.AspNetCore.Http;

namespace Drover.Agent.Tests.Attempts;

public sealed class AttemptTests
{
    private static readonly AttemptId s_first = new(new JobId(1), 1);
    private static readonly AttemptId s_second = new(new JobId(2), 1);

    [Fact]
    public async Task What_keeps_an_attempt_from_ending_is_told_and_again_on_the_next_connection()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        var id = new AttemptId(new JobId(1), 1);
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(id);
        await peer.ReceiveAsync<AgentMessage.Started>();
        agent.Driver.Trouble = "does not end although it was killed";
        Assert.Equal("does not end although it was killed", (await peer.ReceiveAsync<AgentMessage.Progressed>()).Trouble);
        peer.Cut();
        Peer again = await server.WelcomeAsync();
        await again.ReceiveAsync<AgentMessage.Started>(); // It was not acknowledged.
        AgentMessage.Progressed told = await again.ReceiveAsync<AgentMessage.Progressed>();
        Assert.Equal((null, "does not end although it was killed"), (told.Progress.Message, told.Trouble));
    }

    [Fact]
    public async Task What_keeps_an_attempt_from_ending_is_told_while_its_run_directory_hangs()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_first);
        await peer.ReceiveAsync<AgentMessage.Started>();
        agent.Driver.Say(s_first, new Progress { Fraction = 0.25 });
        Assert.Equal(0.25, (await peer.ReceiveAsync<AgentMessage.Progressed>()).Progress.Fraction);
        agent.Driver.ProgressGate = new TaskCompletionSource();
        agent.Driver.Say(s_first, new Progress { Fraction = 0.5 });
        agent.Driver.Trouble = "does not end although it was killed";
        AgentMessage.Progressed told = await peer.ReceiveAsync<AgentMessage.Progressed>();
        Assert.Equal((0.25, "does not end although it was killed"), (told.Progress.Fraction, told.Trouble));
    }

    [Fact]
    public async Task The_end_of_an_attempt_is_told_although_its_run_directory_hangs()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_first);
        await peer.ReceiveAsync<AgentMessage.Started>();
        agent.Driver.Say(s_first, new Progress { Fraction = 0.25 });
        await peer.ReceiveAsync<AgentMessage.Progressed>();
        agent.Driver.ProgressGate = new TaskCompletionSource();
        agent.Driver.End(s_first, new Ending.Exited(3));
        Assert.Equal(new Ending.Exited(3), (await peer.ReceiveAsync<AgentMessage.Ended>()).End.Ending);
    }

    [Fact]
    public async Task What_keeps_an_attempt_from_ending_is_told_also_when_its_run_directory_is_not_known()
    {
        await using TestServer server = await TestServer.StartAsync();
        var driver = new FakeDriver("") { StopsLate = true, Trouble = "does not end although it was killed" };
        await using var agent = AgentUnderTest.Start(server, driver);
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Stop(s_first));
        Assert.Equal("does not end although it was killed", (await peer.ReceiveAsync<AgentMessage.Progressed>()).Trouble);
    }

    [Fact]
    public async Task An_attempt_is_started_reported_acknowledged_and_forgotten()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_first);
        var started = await peer.ReceiveAsync<AgentMessage.Started>();
        Assert.Equal(s_first, started.Attempt);
        Assert.Equal(1001, started.ProcessId);

        agent.Driver.End(s_first, new Ending.Exited(3));
        var ended = await peer.ReceiveAsync<AgentMessage.Ended>();
        Assert.Equal(new Ending.Exited(3), ended.End.Ending);
        Assert.True(ended.Event > started.Event);
        Assert.True(agent.Driver.HasRecord(s_first));

        await peer.AcknowledgeAsync(started.Event, ended.Event);
        await Patience.UntilAsync(() => !agent.Driver.HasRecord(s_first), "forgotten");
    }

    [Fact]
    public async Task An_attempt_that_has_ended_as_soon_as_it_is_heard_of_is_reported_as_started_too()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.EndsAtOnce = new Ending.Exited(0);
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_first);
        Assert.Equal(1001, (await peer.ReceiveAsync<AgentMessage.Started>()).ProcessId);
        Assert.Equal(new Ending.Exited(0), (await peer.ReceiveAsync<AgentMessage.Ended>()).End.Ending);
    }

    [Fact]
    public async Task A_stop_waits_for_the_start_before_it()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.StartGate = new TaskCompletionSource();
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Peer.Order(s_first), Stop(s_first), Peer.Order(s_second));
        await Patience.UntilAsync(() => agent.Driver.Calls.Count == 2, "two starts");
        Assert.Equal(["start 1.1", "start 2.1"], agent.Driver.Calls);

        agent.Driver.StartGate.SetResult();
        AgentMessage.Ended ended = await peer.ReceiveEndAsync(s_first);
        Assert.Equal(new Ending.Canceled("ada", "enough"), ended.End.Ending);
        Assert.Equal(["start 1.1", "start 2.1", "stop 1.1"], agent.Driver.Calls);
    }

    [Fact]
    public async Task A_run_after_a_stop_of_the_same_attempt_does_not_start_it_again()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Peer.Order(s_first), Stop(s_first), Peer.Order(s_first));
        await peer.ReceiveEndAsync(s_first);
        await peer.SendAsync(Peer.Order(s_second));
        Assert.Equal(s_second, (await peer.ReceiveAsync<AgentMessage.Started>()).Attempt);
        Assert.Equal(["start 1.1", "stop 1.1", "start 2.1"], agent.Driver.Calls);
    }

    [Fact]
    public async Task A_stop_without_a_record_ends_as_canceled_and_the_run_that_follows_is_not_obeyed()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Stop(s_first), Peer.Order(s_first));
        var ended = await peer.ReceiveAsync<AgentMessage.Ended>();
        Assert.Equal(new Ending.Canceled("ada", "enough"), ended.End.Ending);
        Assert.Equal(["stop 1.1"], agent.Driver.Calls);
    }

    [Fact]
    public async Task A_stop_after_the_end_leaves_the_true_ending()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_first);
        await peer.ReceiveAsync<AgentMessage.Started>();
        agent.Driver.End(s_first, new Ending.Exited(0));
        var ended = await peer.ReceiveAsync<AgentMessage.Ended>();
        await peer.SendAsync(Stop(s_first), Peer.Order(s_second));
        await peer.ReceiveAsync<AgentMessage.Started>();
        Assert.Equal(new Ending.Exited(0), ended.End.Ending);
        Assert.DoesNotContain("stop 1.1", agent.Driver.Calls);
    }

    [Fact]
    public async Task A_start_that_the_driver_cannot_do_now_is_tried_again()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.FailingStarts = 2;
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_first);
        await peer.ReceiveAsync<AgentMessage.Started>();
        Assert.Equal(3, agent.Driver.Calls.Count);
        Assert.Contains("1.1: cannot start, tries again: The keeper does not answer.", agent.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_time_limit_of_a_job_does_not_count_while_its_inputs_are_fetched()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        server.Inputs = static http => Answer(http, 503);
        Peer peer = await server.WelcomeAsync();
        RunOrder order = Peer.Order(s_first).Order;
        await peer.SendAsync(new ServerMessage.Run(order with { Spec = order.Spec with { Inputs = "0123", TimeLimitSeconds = 0.01 } }));
        await Patience.UntilAsync(() => agent.Log.Split("has no inputs yet").Length > 4, "some tries");
        server.Inputs = static http => Answer(http, 200);
        await peer.ReceiveAsync<AgentMessage.Started>();

        static Task Answer(HttpContext http, int status)
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Progress_is_told_when_it_changes_and_before_the_end()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_first);
        await peer.ReceiveAsync<AgentMessage.Started>();
        agent.Driver.Say(s_first, new Progress { Fraction = 0.25 });
        Assert.Equal(0.25, (await peer.ReceiveAsync<AgentMessage.Progressed>()).Progress.Fraction);
        agent.Driver.Say(s_first, new Progress { Fraction = 0.5, Message = new string('x', 300) });
        AgentMessage.Progressed half = await peer.ReceiveAsync<AgentMessage.Progressed>();
        Assert.Equal(200, half.Progress.Message!.Length);

        agent.Driver.Say(s_first, new Progress { Fraction = 1 });
        agent.Driver.End(s_first, new Ending.Exited(0));
        Assert.Equal(1, (await peer.ReceiveAsync<AgentMessage.Progressed>()).Progress.Fraction);
        await peer.ReceiveAsync<AgentMessage.Ended>();
    }

    [Fact]
    public async Task An_agent_that_follows_another_reports_what_it_finds()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Peer.Order(s_first), Peer.Order(s_second));
        await peer.ReceiveAsync<AgentMessage.Started>();
        await peer.ReceiveAsync<AgentMessage.Started>();
        await agent.KillAsync();
        agent.Driver.End(s_second, new Ending.Exited(7));

        await using AgentUnderTest next = agent.Successor();
        Peer again = await server.WelcomeAsync();
        Assert.Equal(peer.Hello!.Folder, again.Hello!.Folder);
        Assert.Equal([s_first, s_second], again.Known);
        Assert.Equal(s_first, (await again.ReceiveAsync<AgentMessage.Started>()).Attempt);
        Assert.Equal(s_second, (await again.ReceiveAsync<AgentMessage.Started>()).Attempt);
        var ended = await again.ReceiveAsync<AgentMessage.Ended>();
        Assert.Equal(new Ending.Exited(7), ended.End.Ending);
        Assert.Equal(["start 1.1", "start 2.1"], agent.Driver.Calls);
    }

    private static ServerMessage.Stop Stop(AttemptId attempt) => new(attempt, new StopOrder("ada", "enough", 10));
}
