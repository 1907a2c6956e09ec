using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

/// <summary>What an agent can make the server keep in memory has an end, and what it says has to be about its own.</summary>
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
            JobInfo job = await RunningAsync(server, agent);
            agent.Disconnect();
            await agent.ConnectAsync([First(job)], isReady: false);
            for (int i = 0; i < 1000 && agent.WhyEnded is null; i++)
            {
                await NameUnknownAsync(agent);
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
            JobInfo job = await RunningAsync(server, agent);
            agent.Disconnect();

            await agent.ConnectAsync([.. Unknown(999), First(job)]);
            await agent.NothingMoreAsync();
            Assert.Equal([First(job)], server.Agents.Agents.Single().Connection!.Known);
            Assert.Equal(999, agent.Received.OfType<ServerMessage.Stop>().Count());
        });
    }

    [Fact]
    public void What_waits_for_an_agent_is_not_kept_when_its_connection_has_ended()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync(isReady: false);
            while (agent.WhyEnded is null)
            {
                await NameUnknownAsync(agent);
            }

            Assert.False(agent.Session.Outgoing.TryPeek(out _));
            Assert.True(agent.Session.Outgoing.Completion.IsCompleted);
        });
    }

    [Fact]
    public void What_waits_for_an_agent_is_not_kept_when_it_connects_anew()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync(isReady: false);
            await NameUnknownAsync(agent);
            AgentSession old = agent.Session;
            Assert.True(old.Outgoing.TryPeek(out _));
            await agent.ConnectAsync();
            Assert.Equal("the agent connected anew", old.WhyEnded);
            Assert.False(old.Outgoing.TryPeek(out _));
            Assert.True(old.Outgoing.Completion.IsCompleted);
        });
    }

    [Fact]
    public void An_agent_that_names_more_attempts_at_a_time_than_it_may_is_cut_off()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync(isReady: false);
            agent.Say(new AgentMessage.Known(Unknown(1000)));
            Assert.Null(agent.WhyEnded);
            agent.Say(new AgentMessage.Known(Unknown(500)), new AgentMessage.Known(Unknown(501)));
            Assert.Equal("it names 1,001 attempts in one message, and may name 1,000", agent.WhyEnded);
        });
    }

    [Fact]
    public void An_agent_that_names_attempts_after_it_was_ready_is_cut_off()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            agent.Say(new AgentMessage.Known(Unknown(1)));
            Assert.Equal("it said before that it had named every attempt", agent.WhyEnded);
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received);
        });
    }

    [Fact]
    public void What_an_agent_says_after_more_news_than_can_be_kept_counts_only_when_it_is_told_again()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            AttemptId attempt = (await agent.NextRunAsync()).Attempt;
            agent.Say([.. Enumerable.Range(1, 100).Select(n => new AgentMessage.Started(n, attempt, 17, EventLoop.Current.Time.GetUtcNow()))]);
            Assert.Equal("there is more news of a job than can be kept", agent.WhyEnded);
            await StateAsync(server, job, JobState.Running);
            await agent.NothingMoreAsync();

            agent.Ended(attempt, new Ending.Exited(3));
            await agent.NothingMoreAsync();
            Assert.Equal(JobState.Running, (await server.FindAsync(Alice, job.Id)).State);
            agent.Disconnect();
            await agent.ConnectAsync([attempt]);
            agent.Ended(attempt, new Ending.Exited(3));
            await StateAsync(server, job, JobState.Ended);
        });
    }

    [Fact]
    public void An_agent_of_another_user_that_names_an_attempt_changes_nothing()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            await AssertIsForeignAsync(server, await RunningAsync(server, agent), new ScriptedAgent(server, "bob"));
        });
    }

    [Fact]
    public void An_agent_at_another_site_that_names_an_attempt_changes_nothing()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            await AssertIsForeignAsync(server, await RunningAsync(server, agent), new ScriptedAgent(server, User, site: "lab"));
        });
    }

    /// <summary>An agent, whose folder has the same name, is answered as if there were no such attempt.</summary>
    private static async Task AssertIsForeignAsync(Supervisor server, JobInfo job, ScriptedAgent other)
    {
        JobInfo before = await server.FindAsync(Alice, job.Id);
        await other.ConnectAsync([First(job)]);
        await other.NothingMoreAsync();
        Assert.Equal(First(job), Assert.Single(other.Received.OfType<ServerMessage.Stop>()).Attempt);
        other.Say(new AgentMessage.Progressed(First(job), new Progress { Fraction = 0.5 }));
        long ended = other.Ended(First(job), new Ending.Exited(3));
        await other.NothingMoreAsync();
        Assert.Equal([ended], other.Acknowledged);
        Assert.Equal(before, await server.FindAsync(Alice, job.Id));
    }

    private static async Task<JobInfo> RunningAsync(Supervisor server, ScriptedAgent agent)
    {
        JobInfo job = await server.SubmitAsync(Alice, Spec());
        agent.Started((await agent.NextRunAsync()).Attempt);
        await StateAsync(server, job, JobState.Running);
        return job;
    }

    /// <summary>Each is answered with an order to stop it.</summary>
    private static async Task NameUnknownAsync(ScriptedAgent agent)
    {
        agent.Say(new AgentMessage.Known(Unknown(1000)));
        await Coroutine.YieldAsync();
    }

    private static AttemptId[] Unknown(int count) => [.. Enumerable.Range(1, count).Select(n => new AttemptId(new JobId(1_000_000 + n), 1))];
}
