using System.Text;
using Drover.Agent.Tests.Fakes;

namespace Drover.Agent.Tests.Ops;

public sealed class ReadLogTests
{
    private static readonly AttemptId s_attempt = new(new JobId(1), 1);

    [Theory]
    [InlineData(0, "hello, world")]
    [InlineData(7, "world")]
    [InlineData(-5, "world")]
    [InlineData(-500, "hello, world")]
    [InlineData(500, "")]
    public async Task A_log_is_read_from_any_offset(long offset, string expected)
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        await File.WriteAllTextAsync(agent.Driver.LogPath(s_attempt), "hello, world");
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(ReadLog(1, offset, follow: true)); // It has ended: there is nothing to follow.
        Upload upload = await server.UploadOfAsync(1);
        Assert.Equal(expected, Encoding.UTF8.GetString(await upload.ReadToEndAsync()));
        Assert.Equal($"Bearer {TestServer.Token}", upload.Authorization);
        Assert.Equal("c1", upload.Connection);
    }

    [Fact]
    public async Task A_follower_gets_what_is_written_as_it_comes_and_all_of_it_at_the_end()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_attempt);
        await peer.ReceiveAsync<AgentMessage.Started>();
        string log = agent.Driver.LogPath(s_attempt);
        await File.WriteAllBytesAsync(log, [0, 255, 10]);
        await peer.SendAsync(ReadLog(1, 0, follow: true));
        Upload upload = await server.UploadOfAsync(1);
        Assert.Equal([0, 255, 10], await upload.ReadAsync(3));

        await File.AppendAllBytesAsync(log, [1, 2]);
        Assert.Equal([1, 2], await upload.ReadAsync(2));

        await File.AppendAllBytesAsync(log, [3]);
        agent.Driver.End(s_attempt, new Ending.Exited(0));
        Assert.Equal([3], await upload.ReadToEndAsync());
    }

    [Fact]
    public async Task Those_who_follow_logs_keep_nobody_from_files_and_commands()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.Executed = _ => Task.FromResult<Ending>(new Ending.Exited(0));
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_attempt);
        await peer.ReceiveAsync<AgentMessage.Started>();
        await File.WriteAllTextAsync(agent.Driver.LogPath(s_attempt), "hello");
        const int Followers = 70;
        for (int op = 1; op <= Followers; op++)
        {
            await peer.SendAsync(ReadLog(op, 0, follow: true));
            await (await server.UploadOfAsync(op)).ReadAsync(5);
        }

        await peer.SendAsync(ReadLog(Followers + 1, 0, follow: false));
        Assert.Equal("hello"u8.ToArray(), await (await server.UploadOfAsync(Followers + 1)).ReadToEndAsync());
        await peer.SendAsync(new ServerMessage.Exec(new OpId(Followers + 2), s_attempt, "job-1", new ExecSpec { Command = ["true"] }));
        Assert.Equal(ExecFrames.MediaType, (await server.UploadOfAsync(Followers + 2)).ContentType);
    }

    [Fact]
    public async Task A_server_that_does_not_read_holds_the_agent_back()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        const int Size = 64 << 20;
        var endless = new CountingStream(Size);
        agent.Driver.Opened = () => endless;
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(ReadLog(1, 0, follow: false));
        Upload upload = await server.UploadOfAsync(1);
        await upload.ReadAsync(1);
        await peer.RunAsync(s_attempt); // Everything else goes on meanwhile.
        await peer.ReceiveAsync<AgentMessage.Started>();
        await Task.Delay(200);
        Assert.InRange(endless.Position, 1, Size / 2);
        Assert.Equal(Size - 1, (await upload.ReadToEndAsync()).Length);
    }

    [Fact]
    public async Task An_op_that_nobody_waits_for_any_more_ends()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_attempt);
        await peer.ReceiveAsync<AgentMessage.Started>();
        await File.WriteAllTextAsync(agent.Driver.LogPath(s_attempt), "x");
        await peer.SendAsync(ReadLog(1, 0, follow: true));
        Upload upload = await server.UploadOfAsync(1);
        await upload.ReadAsync(1);
        Assert.Contains("op 1: stdout of 1.1", await agent.Loop.DumpAsync(), StringComparison.Ordinal);
        await peer.SendAsync(new ServerMessage.EndOp(new OpId(1)));
        await Assert.ThrowsAnyAsync<IOException>(upload.ReadToEndAsync);
        await Patience.UntilAsync(async () => !(await agent.Loop.DumpAsync()).Contains("op 1:", StringComparison.Ordinal), "ended");
    }

    [Fact]
    public async Task An_op_that_is_ended_in_the_same_message_posts_nothing()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        await File.WriteAllTextAsync(agent.Driver.LogPath(s_attempt), "x");
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(ReadLog(1, 0, follow: false), new ServerMessage.EndOp(new OpId(1)), ReadLog(2, 0, follow: false));
        await (await server.UploadOfAsync(2)).ReadToEndAsync();
        Assert.False(server.HasUpload(1));
    }

    [Fact]
    public async Task A_stream_that_the_server_refuses_ends_and_the_connection_stays()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        server.StreamStatus = 404;
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_attempt);
        await peer.ReceiveAsync<AgentMessage.Started>();
        await File.WriteAllTextAsync(agent.Driver.LogPath(s_attempt), "");
        await peer.SendAsync(ReadLog(1, 0, follow: true)); // Nothing to write: only the answer tells.
        await Patience.UntilAsync(() => agent.Log.Contains("op 1 ended early: the server answered 404.", StringComparison.Ordinal), "ended");
        Assert.Equal(1, server.Tries);
    }

    [Fact]
    public async Task Streams_end_with_their_connection()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.RunAsync(s_attempt);
        await peer.ReceiveAsync<AgentMessage.Started>();
        await File.WriteAllTextAsync(agent.Driver.LogPath(s_attempt), "x");
        await peer.SendAsync(ReadLog(1, 0, follow: true));
        Upload upload = await server.UploadOfAsync(1);
        await upload.ReadAsync(1);
        peer.Cut();
        await Assert.ThrowsAnyAsync<IOException>(upload.ReadToEndAsync);
        await server.WelcomeAsync();
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_to_its_end_breaks_the_stream()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.Opened = () => new CountingStream(1 << 20) { FailsAt = 1 << 19 };
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(ReadLog(1, 0, follow: false));
        Upload upload = await server.UploadOfAsync(1);
        await Assert.ThrowsAnyAsync<IOException>(upload.ReadToEndAsync);
        Assert.Equal("The disk is broken.", (await peer.ReceiveAsync<AgentMessage.OpFailed>()).Message);
    }

    [Fact]
    public async Task A_connection_that_breaks_under_a_stream_ends_the_op()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.Opened = () => new CountingStream(64 << 20);
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(ReadLog(1, 0, follow: false));
        Upload upload = await server.UploadOfAsync(1);
        await upload.ReadAsync(1);
        upload.Abort();
        await Patience.UntilAsync(() => agent.Log.Contains("op 1 ", StringComparison.Ordinal), "ended");
        await peer.RunAsync(s_attempt);
        while (await peer.ReceiveAsync() is not AgentMessage.Started)
        {
        }
    }

    private static ServerMessage.ReadLog ReadLog(long op, long offset, bool follow) =>
        new(new OpId(op), s_attempt, "job-1", OutputKind.Output, offset, follow);
}
