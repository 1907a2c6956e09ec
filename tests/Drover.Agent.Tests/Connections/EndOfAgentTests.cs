using Drover.Agent.Tests.Fakes;

namespace Drover.Agent.Tests.Connections;

public sealed class EndOfAgentTests
{
    private static readonly AttemptId s_attempt = new(new JobId(1), 1);

    [Fact]
    public async Task An_agent_without_work_asks_to_end_and_ends_when_it_may()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync(idleSeconds: 0.05);
        await peer.ReceiveAsync<AgentMessage.Idle>();
        await peer.ReceiveAsync<AgentMessage.Idle>(); // Asks again: the server need not answer.
        await peer.SendAsync(new ServerMessage.Leave());
        Assert.Equal(AgentExit.Done, (await agent.Ended.Within()).Exit);
        while (await peer.TryReceiveAsync() is { } message)
        {
            Assert.IsType<AgentMessage.Idle>(message); // The close frame ends it: it says goodbye.
        }
    }

    [Fact]
    public async Task An_agent_with_work_is_not_idle_and_connects_anew_when_it_is_let_go()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync(idleSeconds: 0.5);
        await peer.SendAsync(Peer.Order(s_attempt), new ServerMessage.Leave());
        peer = await server.WelcomeAsync(idleSeconds: 0.5); // The server takes it for gone: it says that it is not.
        await peer.ReceiveAsync<AgentMessage.Started>();
        agent.Driver.End(s_attempt, new Ending.Exited(0));
        await peer.ReceiveAsync<AgentMessage.Ended>();
        await Task.Delay(700); // Longer than the idle time: what is not acknowledged is work.
        await peer.AcknowledgeAsync(1, 2);
        await peer.ReceiveAsync<AgentMessage.Idle>();
        Assert.Contains("it stays", agent.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_without_work_whose_server_is_away_ends()
    {
        AgentUnderTest agent;
        await using (TestServer server = await TestServer.StartAsync())
        {
            agent = AgentUnderTest.Start(server);
            await server.WelcomeAsync(idleSeconds: 0.3);
        }

        await using (agent)
        {
            AgentEnd end = await agent.Ended.Within();
            Assert.Equal(AgentExit.Done, end.Exit);
            Assert.Contains("the server is away", end.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_idle_time_of_its_own_holds_instead_of_the_servers()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server, change: options => options with { IdleTime = TimeSpan.FromSeconds(1.5) });
        Peer peer = await server.WelcomeAsync(idleSeconds: 3600);
        await peer.ReceiveAsync<AgentMessage.Idle>();
    }
}
