using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Drover.Agent.Tests.Fakes;

namespace Drover.Agent.Tests.Ops;

public sealed class ExecTests
{
    [Fact]
    public async Task What_a_command_writes_and_how_it_ended_are_posted_as_frames()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.Executed = async write =>
        {
            await write(OutputKind.Output, "out"u8.ToArray());
            await write(OutputKind.Error, "err"u8.ToArray());
            return new Ending.Exited(3);
        };
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Exec(5));
        Upload upload = await server.UploadOfAsync(5);
        Assert.Equal(ExecFrames.MediaType, upload.ContentType);
        byte[] all = await upload.ReadToEndAsync();
        Assert.Equal((ExecFrames.Output, "out"), Frame(ref all));
        Assert.Equal((ExecFrames.Error, "err"), Frame(ref all));
        (byte kind, string json) = Frame(ref all);
        Assert.Equal(ExecFrames.Result, kind);
        Assert.Equal(new Ending.Exited(3), JsonSerializer.Deserialize(json, ProtocolJson.Default.ExecResult)!.Ending);
        Assert.Empty(all);
    }

    [Fact]
    public async Task A_frame_is_sent_at_once()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        agent.Driver.Executed = async write =>
        {
            await write(OutputKind.Output, "now"u8.ToArray());
            await new Event("never").WaitAsync();
            throw new InvalidOperationException();
        };
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Exec(6));
        byte[] frame = await (await server.UploadOfAsync(6)).ReadAsync(ExecFrames.HeaderLength + 3);
        Assert.Equal((ExecFrames.Output, "now"), Frame(ref frame));
    }

    [Fact]
    public async Task A_command_that_nobody_waits_for_is_canceled()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        var canceled = new TaskCompletionSource();
        agent.Driver.Executed = async write =>
        {
            try
            {
                await write(OutputKind.Output, "x"u8.ToArray());
                await new Event("never").WaitAsync();
                throw new InvalidOperationException();
            }
            catch (ScopeCanceledException)
            {
                canceled.SetResult();
                throw;
            }
        };
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Exec(7));
        await (await server.UploadOfAsync(7)).ReadAsync(ExecFrames.HeaderLength + 1);
        await peer.SendAsync(new ServerMessage.EndOp(new OpId(7)));
        await canceled.Task.Within();
    }

    [Fact]
    public async Task A_command_of_nothing_is_an_error_of_the_op_alone()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Exec(8) with { Spec = new ExecSpec { Command = [] } });
        var failed = await peer.ReceiveAsync<AgentMessage.OpFailed>();
        Assert.Equal((new OpId(8), "There is no command."), (failed.Op, failed.Message));
    }

    private static ServerMessage.Exec Exec(long op) =>
        new(new OpId(op), new AttemptId(new JobId(1), 1), "job-1", new ExecSpec { Command = ["true"] });

    private static (byte Kind, string Text) Frame(ref byte[] bytes)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1));
        (byte, string) frame = (bytes[0], Encoding.UTF8.GetString(bytes, ExecFrames.HeaderLength, length));
        bytes = bytes[(ExecFrames.HeaderLength + length)..];
        return frame;
    }
}
