using Drover.Agent.Tests.Fakes;

namespace Drover.Agent.Tests.Connections;

public sealed class HeartbeatTests
{
    private static readonly AttemptId s_attempt = new(new JobId(1), 1);

    [Fact]
    public async Task Heartbeats_are_answered_while_the_loop_is_busy_and_messages_wait()
    {
        await using TestServer server = await TestServer.StartAsync();
        server.Heartbeat = TimeSpan.FromMilliseconds(100);
        server.PongTime = TimeSpan.FromMilliseconds(500);
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        Task<AgentMessage.Started> started = peer.ReceiveAsync<AgentMessage.Started>(); // The server, too, hears pongs only while it receives.
        var free = new TaskCompletionSource();
        Task blocked = agent.BlockLoopAsync(free.Task);
        try
        {
            for (int i = 0; i < 20; i++)
            {
                // Each message completes a receive. One that nobody takes must not keep the pings from being answered.
                await peer.RunAsync(s_attempt);
                await Task.Delay(100);
            }

            Assert.Empty(agent.Driver.Calls);
        }
        finally
        {
            free.SetResult();
        }

        await blocked.Within();
        Assert.Equal(s_attempt, (await started).Attempt);
        Assert.Equal(1, server.Tries);
    }

    [Fact]
    public async Task A_connection_on_which_nothing_passes_any_more_is_given_up()
    {
        await using TestServer server = await TestServer.StartAsync();
        server.Heartbeat = TimeSpan.FromMilliseconds(100);
        await using var relay = new Relay(server.Url);
        await using var agent = AgentUnderTest.Start(relay.Url);
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_attempt);
        await peer.ReceiveAsync<AgentMessage.Started>();
        relay.Freeze();
        agent.Driver.End(s_attempt, new Ending.Exited(0)); // Is sent into the void.

        Peer again = await server.WelcomeAsync();
        Assert.Contains("Nothing came from the server for 200 ms.", agent.Log, StringComparison.Ordinal);
        await again.ReceiveAsync<AgentMessage.Started>();
        await again.ReceiveAsync<AgentMessage.Ended>();
    }
}
