using System.Net.WebSockets;
using System.Text;
using Drover.Agent.Tests.Fakes;

namespace Drover.Agent.Tests.Connections;

public sealed class HandshakeTests
{
    private static readonly AttemptId s_attempt = new(new JobId(1), 1);

    [Fact]
    public async Task An_agent_says_who_it_is_before_anything_else()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        Assert.Equal(AgentProtocol.Version, peer.Hello!.Protocol);
        Assert.Equal(Environment.ProcessId, peer.Hello.ProcessId);
        Assert.Equal(Environment.UserName, peer.Hello.UnixUser);
        Assert.Equal(4, peer.Hello.Cpus);
        Assert.Equal("process", peer.Hello.Driver);
        Assert.Equal(32, peer.Hello.Folder.Length);
        Assert.Empty(peer.Known);
    }

    [Fact]
    public async Task A_refused_agent_ends_and_says_why()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.AcceptAsync();
        await peer.ReceiveAsync<AgentMessage.Hello>();
        await peer.SendAsync(new ServerMessage.Refused("This agent is older than the server: install drover 2."));
        AgentEnd end = await agent.Ended.Within();
        Assert.Equal(AgentExit.NotAccepted, end.Exit);
        Assert.Contains("install drover 2", end.Message, StringComparison.Ordinal);
        Assert.Equal(1, server.Tries);
    }

    [Fact]
    public async Task A_refused_agent_lets_what_runs_end_first_and_keeps_the_records()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_attempt);
        await peer.ReceiveAsync<AgentMessage.Started>();
        await peer.SendAsync(new ServerMessage.Refused("The site is gone."));
        await Patience.UntilAsync(() => agent.Log.Contains("Waits for the end of 1 attempt", StringComparison.Ordinal), "waiting");
        Assert.False(agent.Ended.IsCompleted);
        agent.Driver.End(s_attempt, new Ending.Exited(0));
        Assert.Equal(AgentExit.NotAccepted, (await agent.Ended.Within()).Exit);
        Assert.True(agent.Driver.HasRecord(s_attempt));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task An_agent_whose_token_is_not_known_lets_what_runs_end_first_and_keeps_the_records(int status)
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_attempt);
        await peer.ReceiveAsync<AgentMessage.Started>();
        server.ConnectStatus = status;
        peer.Cut();
        await Patience.UntilAsync(() => agent.Log.Contains("Waits for the end of 1 attempt", StringComparison.Ordinal), "waiting");
        Assert.False(agent.Ended.IsCompleted);
        agent.Driver.End(s_attempt, new Ending.Exited(0));
        AgentEnd end = await agent.Ended.Within();
        Assert.Equal(AgentExit.NotAccepted, end.Exit);
        Assert.Contains("does not accept the token", end.Message, StringComparison.Ordinal);
        Assert.True(agent.Driver.HasRecord(s_attempt));
    }

    [Fact]
    public async Task Another_error_than_an_unknown_token_is_tried_again()
    {
        await using TestServer server = await TestServer.StartAsync();
        server.ConnectStatus = 503;
        await using var agent = AgentUnderTest.Start(server);
        await Patience.UntilAsync(() => server.Tries >= 2, "a second try");
        server.ConnectStatus = null;
        await server.WelcomeAsync();
    }

    public static TheoryData<string> Garbage => [
        "hello",
        "{\"type\":\"leave\"}",
        "[{\"type\":\"dance\"}]",
        "[{\"type\":\"leave\",\"dance\":1}]",
        "[{\"type\":\"run\"}]",
        "[null]",
        "null",
        "[{\"type\":\"purge\",\"runDirectories\":[\"1\",null]}]",
        "[[",
        "[{\"type\":\"leave\"}]" + new string(' ', 70_000),
        "\0\u0001",
    ];

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_from_the_server_ends_the_connection_and_not_the_agent(string garbage)
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer first = await server.WelcomeAsync();
        await first.SendAsync(Encoding.UTF8.GetBytes(garbage));
        await server.WelcomeAsync();
        Assert.Contains("The server sent", agent.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_binary_message_ends_the_connection_and_not_the_agent()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer first = await server.WelcomeAsync();
        await first.SendAsync("[]"u8.ToArray(), WebSocketMessageType.Binary);
        await server.WelcomeAsync();
    }

    [Fact]
    public async Task Orders_before_the_welcome_are_taken_and_ops_are_not()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.AcceptAsync();
        await peer.RunAsync(s_attempt);
        await peer.SendAsync(new ServerMessage.ListFiles(new OpId(1), "job-1", ""));
        Peer again = await server.WelcomeAsync();
        Assert.Equal([s_attempt], again.Known);
    }

    [Fact]
    public async Task Orders_that_came_just_before_the_connection_broke_are_known_on_the_next()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.StartGate = new TaskCompletionSource();
        Peer peer = await server.WelcomeAsync();
        AttemptId[] attempts = [.. Enumerable.Range(1, 200).Select(job => new AttemptId(new JobId(job), 1))];
        foreach (AttemptId attempt in attempts)
        {
            await peer.RunAsync(attempt);
        }

        await peer.SendAsync("garbage"u8.ToArray());
        Peer again = await server.WelcomeAsync();
        Assert.Equal(attempts, again.Known);
    }
}
