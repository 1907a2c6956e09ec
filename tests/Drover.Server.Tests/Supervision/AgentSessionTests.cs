using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

/// <summary>What an agent can make the server keep in memory has an end.</summary>
public sealed class AgentSessionTests : IDisposable
{
    private readonly Servers _servers = new();

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void An_agent_that_does_not_read_is_cut_off_and_told_again_when_it_comes_back()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, job, JobState.Running);

            for (int i = 0; i < 1000 && agent.WhyEnded is null; i++)
            {
                agent.Say(new AgentMessage.Known(Unknown(1000)), new AgentMessage.Ready()); // Each is answered with an order to stop it.
                await Coroutine.YieldAsync();
            }

            Assert.Equal("more than 8 MiB of messages wait for the agent, which does not read them", agent.WhyEnded);
            await server.CancelAsync(Alice, job.Id, new CancelRequest());
            agent.Disconnect();
            agent.TakeAll();
            await agent.ConnectAsync([First(job)]);
            Assert.Equal(First(job), (await agent.NextAsync<ServerMessage.Stop>()).Attempt);
        });
    }

    [Fact]
    public void Attempts_that_an_agent_names_are_not_kept_unless_the_server_has_jobs_for_them()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, job, JobState.Running);

            agent.Say(new AgentMessage.Known([.. Unknown(1000), First(job)]));
            await agent.NothingMoreAsync();
            Assert.Equal([First(job)], server.Agents.Agents.Single().Connection!.Known);
            Assert.Equal(1000, agent.Received.OfType<ServerMessage.Stop>().Count());
        });
    }

    private static AttemptId[] Unknown(int count) => [.. Enumerable.Range(1, count).Select(n => new AttemptId(new JobId(1_000_000 + n), 1))];
}
