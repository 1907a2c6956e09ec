using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

public sealed class LocalAgentTests : IDisposable
{
    private const int NoProcess = int.MaxValue;

    private readonly Servers _servers = new();
    private int _starts;

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void An_agent_that_dies_while_it_starts_is_not_waited_for()
    {
        _servers.Run(async server =>
        {
            server.RunLocalAgent(User, StartAsync, "agent.log");
            await server.SubmitAsync(Alice, Spec());
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(10));
            Assert.InRange(_starts, 4, 10);
        });
    }

    [Fact]
    public void A_job_is_not_left_to_an_agent_that_is_just_leaving()
    {
        _servers.Run(async server =>
        {
            server.RunLocalAgent(User, StartAsync, "agent.log");
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            agent.Say(new AgentMessage.Idle());
            await agent.NextAsync<ServerMessage.Leave>();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            agent.Disconnect();
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            Assert.Equal(1, _starts);
            await agent.ConnectAsync();
            Assert.Equal(job.Id, (await agent.NextRunAsync()).Attempt.Job);
        });
    }

    [Fact]
    public void Files_are_not_left_to_an_agent_that_is_just_leaving()
    {
        _servers.Run(async server =>
        {
            server.RunLocalAgent(User, StartAsync, "agent.log");
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            AttemptId attempt = (await agent.NextRunAsync()).Attempt;
            agent.Started(attempt);
            agent.Ended(attempt, new Ending.Exited(0));
            await EndAsync(server, job);
            agent.Say(new AgentMessage.Idle());
            await agent.NextAsync<ServerMessage.Leave>();
            Task<PendingOp?> op = new JobFiles(server).BeginAsync(Alice, job.Id, (id, _) => new ServerMessage.ListFiles(id, "1", ""));
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            agent.Disconnect();
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            Assert.Equal(1, _starts);
            await Assert.ThrowsAsync<AgentAwayException>(() => op); // Nothing was started here.
        });
    }

    [Fact]
    public void An_agent_that_somebody_waits_for_is_not_let_go()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            AttemptId attempt = (await agent.NextRunAsync()).Attempt;
            agent.Started(attempt);
            agent.Ended(attempt, new Ending.Exited(0));
            await EndAsync(server, job);
            PendingOp? op = await new JobFiles(server).BeginAsync(Alice, job.Id, (id, _) => new ServerMessage.ListFiles(id, "1", ""));
            agent.Say(new AgentMessage.Idle());
            await agent.NothingMoreAsync();
            Assert.DoesNotContain(agent.Received, message => message is ServerMessage.Leave);
            op!.Dispose();
            agent.Say(new AgentMessage.Idle());
            await agent.NextAsync<ServerMessage.Leave>();
        });
    }

    private Task<int> StartAsync()
    {
        _starts++;
        return Task.FromResult(NoProcess);
    }
}
