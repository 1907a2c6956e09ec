using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Drover.Client.Tests;

public sealed class ExecTests : ClientTest
{
    private static readonly ExecSpec s_spec = new() { Command = ["cat", "frame.png"] };

    private readonly MemoryStream _output = new();
    private readonly MemoryStream _error = new();

    [Fact]
    public async Task Output_errors_and_the_ending_come_apart()
    {
        Answering(Frame(ExecFrames.Output, "a"u8), Frame(ExecFrames.Error, "!"u8), Frame(ExecFrames.Output, "b"u8), Result(new Ending.Exited(4)));
        Assert.Equal(new Ending.Exited(4), await Job.ExecAsync(s_spec, _output, _error));
        Assert.Equal("ab", Encoding.UTF8.GetString(_output.ToArray()));
        Assert.Equal("!", Encoding.UTF8.GetString(_error.ToArray()));
    }

    [Fact]
    public async Task An_answer_without_a_result_was_broken_off_and_is_not_asked_for_again()
    {
        Answering(Frame(ExecFrames.Output, "a"u8));
        var e = await Assert.ThrowsAsync<ServerUnreachableException>(() => Job.ExecAsync(s_spec, _output, _error));
        Assert.True(e.MayHaveBeenSent);
        Assert.Contains("broken off", e.Message);
        Assert.Single(Server.Requests);
    }

    [Theory]
    [InlineData(new byte[] { 9, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 127, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 255, 255, 255, 255 })]
    [InlineData(new byte[] { 3, 0, 0, 0, 1, (byte)'x' })]
    public async Task What_is_no_frame_is_no_answer_of_drovers(byte[] bytes)
    {
        Answering(bytes);
        await Assert.ThrowsAsync<UnexpectedAnswerException>(() => Job.ExecAsync(s_spec, _output, _error));
    }

    [Fact]
    public async Task A_job_that_is_not_there_and_one_that_has_not_started_are_told_apart()
    {
        await Assert.ThrowsAsync<JobNotFoundException>(() => Job.ExecAsync(s_spec, _output, _error));
        Server.On("POST /api/v1/jobs/1/exec", Answers.Problem(409, "conflict", "Job 1 has not started."));
        Assert.Equal("conflict", (await Assert.ThrowsAsync<RequestRefusedException>(() => Job.ExecAsync(s_spec, _output, _error))).Code);
    }

    private static byte[] Result(Ending ending) =>
        Frame(ExecFrames.Result, JsonSerializer.SerializeToUtf8Bytes(new ExecResult { Ending = ending }, ProtocolJson.Default.ExecResult));

    private static byte[] Frame(byte kind, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[ExecFrames.HeaderLength + payload.Length];
        frame[0] = kind;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame.AsSpan(ExecFrames.HeaderLength));
        return frame;
    }

    private void Answering(params byte[][] frames) => Server.On("POST /api/v1/jobs/1/exec", async http =>
    {
        http.Response.ContentType = ExecFrames.MediaType;
        await http.Response.Body.WriteAsync(frames.SelectMany(f => f).ToArray());
    });
}
