using Drover.Agent.Tests.Fakes;

namespace Drover.Agent.Tests.Attempts;

public sealed class PurgeTests
{
    private static readonly AttemptId s_first = new(new JobId(1), 1);

    [Fact]
    public async Task What_is_gone_is_told_and_what_is_not_is_not()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.Stuck.Add("8");
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(new ServerMessage.Purge(["7", "8", "9"]));
        Assert.Equal(["7", "9"], (await peer.ReceiveAsync<AgentMessage.Purged>()).RunDirectories);
    }

    [Fact]
    public async Task A_run_directory_that_an_attempt_uses_stays()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_first);
        await peer.ReceiveAsync<AgentMessage.Started>();
        await peer.SendAsync(new ServerMessage.Purge(["job-1", "job-2"]));
        Assert.Equal(["job-2"], (await peer.ReceiveAsync<AgentMessage.Purged>()).RunDirectories);

        await agent.KillAsync(); // The next agent knows it from its records.
        await using AgentUnderTest next = agent.Successor();
        Peer again = await server.WelcomeAsync();
        await again.ReceiveAsync<AgentMessage.Started>();
        await again.SendAsync(new ServerMessage.Purge(["job-1", "job-3"]));
        Assert.Equal(["job-3"], (await again.ReceiveAsync<AgentMessage.Purged>()).RunDirectories);
    }
}
