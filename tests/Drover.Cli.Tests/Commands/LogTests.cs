namespace Drover.Cli.Tests.Commands;

public sealed class LogTests : CommandTest
{
    private const string Log = "GET /api/v1/jobs/1/log";

    [Fact]
    public async Task Log_shows_each_stream_on_its_own()
    {
        OnLog("out", "err");
        CommandResult result = await RunAsync("log", "1");
        Assert.Equal((0, "out", "err"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task One_stream_alone_comes_on_standard_output()
    {
        OnLog("out", "err");
        CommandResult result = await RunAsync("log", "1", "--stream", "stderr", "--offset", "-10");
        Assert.Equal(("err", ""), (result.Output, result.Error));
        Assert.Contains("offset=-10", Server.Requests.Single());
    }

    [Fact]
    public async Task Tail_shows_the_last_lines()
    {
        OnLog("one\ntwo\nthree", "");
        Assert.Equal("two\nthree", (await RunAsync("log", "1", "--tail", "2", "--stream", "stdout")).Output);
    }

    [Fact]
    public async Task Tail_goes_on_following_where_the_end_was()
    {
        Server.OnJob(SomeJobs.Ended()).On(Log, Answers.LogFrom(1000, "one\ntwo\n"u8), Answers.Bytes("three\n"u8));
        Assert.Equal("two\nthree\n", (await RunAsync("log", "1", "-f", "--tail", "1", "--stream", "stdout")).Output);
        Assert.Contains("offset=1008", Server.Requests.Last());
    }

    [Fact]
    public async Task Tail_counts_for_itself_where_the_server_does_not_tell()
    {
        Server.OnJob(SomeJobs.Ended()).On(Log, Answers.Bytes("one\ntwo\n"u8), Answers.Bytes("one\ntwo\n"u8), Answers.Bytes("three\n"u8));
        Assert.Equal("two\nthree\n", (await RunAsync("log", "1", "-f", "--tail", "1", "--stream", "stdout")).Output);
        Assert.Contains("offset=8", Server.Requests.Last());
    }

    [Fact]
    public async Task With_json_each_line_is_an_object()
    {
        OnLog("a \"b\"\n\u0007c", "");
        Assert.Equal(
            """
            {"stream":"stdout","text":"a \u0022b\u0022\n"}
            {"stream":"stdout","text":"\u0007c"}

            """,
            (await RunAsync("log", "1", "--json")).Output);
    }

    [Fact]
    public async Task A_reader_that_has_gone_ends_it_silently()
    {
        OnLog("out", "");
        CommandResult result = await RunAsync(new CommandOutput(output: new ClosedPipe()), "log", "1");
        Assert.Equal((141, ""), (result.ExitCode, result.Error));
    }

    private void OnLog(string output, string error) => Server.On(Log, http =>
        Answers.Bytes(System.Text.Encoding.UTF8.GetBytes(http.Request.Query["stream"] == "stderr" ? error : output))(http));
}
