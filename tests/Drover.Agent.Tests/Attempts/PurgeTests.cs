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
    public async Task A_run_directory_in_which_a_command_runs_stays()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        var end = new TaskCompletionSource();
        agent.Driver.Executed = async write =>
        {
            await write(OutputKind.Output, "x"u8.ToArray());
            await end.Task.WaitAsync(CancelScope.Current.Token);
            return new Ending.Exited(0);
        };
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(new ServerMessage.Exec(new OpId(5), s_first, "job-1", new ExecSpec { Command = ["true"] }));
        Upload upload = await server.UploadOfAsync(5);
        await upload.ReadAsync(ExecFrames.HeaderLength + 1);
        await peer.SendAsync(new ServerMessage.Purge(["job-1", "job-2"]));
        Assert.Equal(["job-2"], (await peer.ReceiveAsync<AgentMessage.Purged>()).RunDirectories);

        end.SetResult();
        await upload.ReadToEndAsync();
        await Patience.UntilAsync(async () => !(await agent.Loop.DumpAsync()).Contains("op 5", StringComparison.Ordinal), "the end of the command");
        await peer.SendAsync(new ServerMessage.Purge(["job-1"]));
        Assert.Equal(["job-1"], (await peer.ReceiveAsync<AgentMessage.Purged>()).RunDirectories);
    }

    [Fact]
    public async Task Nothing_begins_in_a_run_directory_that_is_being_removed()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        var gate = new TaskCompletionSource();
        agent.Driver.RemovalGate = gate;
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(new ServerMessage.Purge(["job-1"]));
        await Patience.UntilAsync(() => Task.FromResult(agent.Driver.Calls.Contains("remove job-1")), "the removal");
        await peer.SendAsync(new ServerMessage.Exec(new OpId(5), s_first, "job-1", new ExecSpec { Command = ["true"] }));
        AgentMessage.OpFailed failed = await peer.ReceiveAsync<AgentMessage.OpFailed>();
        Assert.Equal((new OpId(5), true), (failed.Op, failed.IsNotFound));

        gate.SetResult();
        Assert.Equal(["job-1"], (await peer.ReceiveAsync<AgentMessage.Purged>()).RunDirectories);
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
