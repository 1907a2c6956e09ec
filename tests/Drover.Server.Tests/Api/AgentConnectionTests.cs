using System.Net.Http.Json;

namespace Drover.Server.Tests.Api;

/// <summary>Connections of agents that do not behave.</summary>
public sealed class AgentConnectionTests
{
    [Fact]
    public async Task An_agent_that_says_much_and_reads_nothing_is_cut_off()
    {
        await using var server = new ApiServer("agents:\n  heartbeatSeconds: 3600\n");
        await server.InitializeAsync();
        await using AgentInTest agent = await AgentInTest.ConnectAsync(server, "deaf");
        agent.Run = _ => Task.Delay(Timeout.Infinite, agent.Stopping);
        await server.SubmitAsync("""{"command":["true"],"site":"deaf"}"""); // From here on it does not read.
        AttemptId nobodys = new(new JobId(1_000_000), 1);
        AgentMessage[] news = [.. Enumerable.Range(1, 500).Select(n => new AgentMessage.Started(long.MaxValue - n, nobodys, 1, DateTimeOffset.UnixEpoch))];
        using var flood = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Exception broken = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (true)
            {
                flood.Token.ThrowIfCancellationRequested();
                await agent.SayAsync(news).WaitAsync(flood.Token); // Each is acknowledged.
            }
        });
        Assert.IsNotType<OperationCanceledException>(broken, exactMatch: false);
        while ((await AgentsAsync(server)).Single().IsConnected)
        {
            await Task.Delay(20);
        }
    }

    private static async Task<IReadOnlyList<AgentInfo>> AgentsAsync(ApiServer server)
    {
        using HttpResponseMessage response = await server.GetAsync("api/v1/agents");
        return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.IReadOnlyListAgentInfo))!;
    }
}
