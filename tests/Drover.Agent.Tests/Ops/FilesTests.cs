using System.Text;
using System.Text.Json;
using Drover.Agent.Tests.Fakes;
using Drover.Protocol.Files;

namespace Drover.Agent.Tests.Ops;

public sealed class FilesTests
{
    [Theory]
    [InlineData(0, null, "hello, world")]
    [InlineData(7, null, "world")]
    [InlineData(7, 3L, "wor")]
    [InlineData(0, 0L, "")]
    [InlineData(99, null, "")]
    public async Task Bytes_of_a_file_are_posted(long offset, long? length, string expected)
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        await File.WriteAllTextAsync(Path.Combine(agent.Options.Folder, "result.txt"), "hello, world");
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(new ServerMessage.ReadFile(new OpId(5), "job-1", "result.txt", offset, length));
        Upload upload = await server.UploadOfAsync(5);
        Assert.Equal("application/octet-stream", upload.ContentType);
        Assert.Equal(expected, Encoding.UTF8.GetString(await upload.ReadToEndAsync()));
    }

    [Fact]
    public async Task The_list_of_a_run_directory_is_posted_as_json()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(new ServerMessage.ListFiles(new OpId(6), "job-1", ""));
        Upload upload = await server.UploadOfAsync(6);
        Assert.Equal("application/json", upload.ContentType);
        FileList? files = JsonSerializer.Deserialize(await upload.ReadToEndAsync(), ProtocolJson.Default.FileList);
        Assert.Equal("result.dat", Assert.Single(files!.Entries).Path);
    }

    [Fact]
    public async Task What_does_not_exist_is_answered_in_words()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(new ServerMessage.ReadFile(new OpId(7), "job-1", "nothing.txt", 0, null));
        var failed = await peer.ReceiveAsync<AgentMessage.OpFailed>();
        Assert.Equal(new AgentMessage.OpFailed(new OpId(7), true, "There is no nothing.txt."), failed);
        Assert.False(server.HasUpload(7));
    }

    [Fact]
    public async Task What_nobody_expected_ends_the_op_and_neither_the_connection_nor_the_agent()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.Opened = () => throw new InvalidTimeZoneException("a planted mistake");
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(new ServerMessage.ReadLog(new OpId(7), new AttemptId(new JobId(1), 1), "job-1", OutputKind.Output, 0, Follow: false));
        var failed = await peer.ReceiveAsync<AgentMessage.OpFailed>();
        Assert.Equal(new OpId(7), failed.Op);
        Assert.False(failed.IsNotFound);
        Assert.Contains("InvalidTimeZoneException: a planted mistake", failed.Message, StringComparison.Ordinal);
        Assert.Contains("a planted mistake", agent.Log, StringComparison.Ordinal);

        await peer.SendAsync(new ServerMessage.ListFiles(new OpId(8), "job-1", ""));
        await (await server.UploadOfAsync(8)).ReadToEndAsync();
        Assert.Equal(1, server.Tries);
    }

    [Fact]
    public async Task A_stream_that_is_refused_on_its_way_is_told_to_the_server()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        server.StreamStatus = 413;
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(new ServerMessage.ListFiles(new OpId(9), "job-1", ""));
        Assert.Equal(
            new AgentMessage.OpFailed(new OpId(9), false, "The agent could not send it: the server answered 413."),
            await peer.ReceiveAsync<AgentMessage.OpFailed>());
    }

    [Fact]
    public async Task A_stream_that_nobody_waits_for_any_more_is_not_told_of()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        server.StreamStatus = 410;
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(new ServerMessage.ListFiles(new OpId(9), "job-1", ""));
        await Patience.UntilAsync(() => agent.Log.Contains("op 9 ended early", StringComparison.Ordinal), "ended");
        server.StreamStatus = null;
        await peer.SendAsync(new ServerMessage.ReadFile(new OpId(10), "job-1", "nothing.txt", 0, null));
        Assert.Equal(new OpId(10), (await peer.ReceiveAsync<AgentMessage.OpFailed>()).Op);
    }
}
