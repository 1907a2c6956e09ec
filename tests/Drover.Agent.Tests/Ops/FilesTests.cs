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
}
