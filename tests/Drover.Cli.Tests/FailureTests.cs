using System.Text.Json;

namespace Drover.Cli.Tests;

public sealed class FailureTests : CommandTest
{
    [Theory]
    [InlineData("lst", "drover has no command 'lst'; did you mean 'list'?")]
    [InlineData("list --jsn", "drover list has no option '--jsn'; did you mean '--json'?")]
    [InlineData("run --cpu 2 true", "drover run has no option '--cpu'; did you mean '--cpus'?")]
    [InlineData("submit --tme=2h true", "drover submit has no option '--tme=2h'; did you mean '--time'?")]
    [InlineData("admin usr x", "drover admin has no command 'usr'; did you mean 'user'?")]
    [InlineData("help run extra", "There is no help about 'run extra'; `drover help` lists the commands and topics.")]
    [InlineData("help nonsense", "There is no help about 'nonsense'; `drover help` lists the commands and topics.")]
    [InlineData("help array", "There is no help about 'array'; did you mean 'arrays'?")]
    [InlineData("cancel", "drover cancel needs to know which: ID..., or --all for every job.")]
    [InlineData("cancel 1 --all", "--all means every job: name none beside it.")]
    [InlineData("completion tcsh", "There is no completion for 'tcsh', but for bash, zsh and fish.")]
    [InlineData("show 1 2", "drover show has no use for '2'; see `drover show --help`.")]
    [InlineData("show", "drover show needs ID; see `drover show --help`.")]
    [InlineData("show seven", "'seven' is not the number of a job, such as 17, nor its place in an array, such as 17_3; `drover list` shows them; see `drover show --help`.")]
    [InlineData("run --cpus two true", "'two' is no whole number; see `drover run --help`.")]
    [InlineData("run --time soon true", "'soon' is no duration, such as 90s, 30m, 2h or 1d; see `drover run --help`.")]
    [InlineData("run --memory much true", "'much' is no size, such as 512M or 2G; see `drover run --help`.")]
    [InlineData("log 1 --tail 1 --offset 1", "--offset and --tail contradict each other; see `drover log --help`.")]
    public async Task Wrong_usage_is_told_in_a_sentence_with_what_may_have_been_meant(string line, string sentence)
    {
        CommandResult result = await RunAsync(line.Split(' '));
        Assert.Equal((2, "", $"drover: {sentence}\n"), (result.ExitCode, result.Output, result.Error));
        Assert.Empty(Server.Requests);
    }

    [Fact]
    public async Task A_job_that_is_not_there_is_code_3()
    {
        Server.On("GET /api/v1/jobs/9", Answers.Problem(404, "notFound", "There is no job 9."));
        CommandResult result = await RunAsync("show", "9");
        Assert.Equal((3, "drover: There is no job 9.\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task A_refusal_is_code_1_with_the_servers_sentence()
    {
        Server.On("POST /api/v1/jobs", Answers.Problem(507, "diskFull", "The disk of the data folder is full: make room."));
        CommandResult result = await RunAsync("submit", "true");
        Assert.Equal((1, "drover: The disk of the data folder is full: make room.\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task With_json_an_error_is_a_problem_of_the_API()
    {
        Server.On("POST /api/v1/jobs", Answers.Problem(507, "diskFull", "The disk is full."));
        CommandResult result = await RunAsync("submit", "--json", "true");
        Assert.Equal("diskFull", JsonSerializer.Deserialize(result.Error, ProtocolJson.Default.Problem)!.Code);
    }

    [Fact]
    public async Task Without_a_server_the_code_is_4_and_the_sentence_says_how_to_start_one()
    {
        File.Delete(Path.Combine(DataFolder, ServerFile.Name));
        CommandResult result = await RunAsync("list");
        Assert.Equal(4, result.ExitCode);
        Assert.Equal($"drover: No server runs with the data folder {DataFolder}: start one with `drover up`, or name another with --data or --server.\n", result.Error);
    }

    [Fact]
    public async Task A_server_that_was_killed_and_left_its_file_is_no_server()
    {
        string path = Path.Combine(DataFolder, ServerFile.Name);
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path)).Replace($"{Environment.ProcessId}", $"{int.MaxValue}"));
        Assert.Equal(4, (await RunAsync("list")).ExitCode);
    }

    [Fact]
    public async Task A_server_that_cannot_be_started_is_told_with_the_reason()
    {
        File.Delete(Path.Combine(DataFolder, ServerFile.Name));
        CommandResult result = await RunAsync("run", "true"); // The program of these tests' surroundings is nowhere.
        Assert.Equal(4, result.ExitCode);
        Assert.StartsWith("drover: The server could not be started: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error);
    }

    [Fact]
    public async Task A_token_from_the_environment_that_is_not_known_is_told_with_where_it_came_from()
    {
        SetVariable("DROVER_TOKEN", "guess");
        CommandResult result = await RunAsync("list");
        Assert.Equal((1, "drover: The server does not know this token. (The token came from DROVER_TOKEN.)\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task The_token_of_this_machines_server_is_not_sent_to_another()
    {
        await using FakeServer other = await FakeServer.StartAsync();
        CommandResult result = await RunAsync("list", "--server", other.Url.ToString());
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("set DROVER_TOKEN", result.Error);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task A_server_can_be_named_by_variables()
    {
        await using FakeServer other = await FakeServer.StartAsync();
        other.OnJob(SomeJobs.Ended());
        SetVariable("DROVER_SERVER", other.Url.ToString());
        SetVariable("DROVER_TOKEN", FakeServer.Token);
        Assert.Equal(0, (await RunAsync("show", "1")).ExitCode);
        Assert.Empty(Server.Requests);
    }

    [Fact]
    public async Task Drover_alone_shows_the_five_commands_that_one_needs()
    {
        CommandResult result = await RunAsync();
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(5, result.Output.Split('\n').Count(line => line.StartsWith("  drover ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("help", "submit")]
    [InlineData("help run", "--memory")]
    [InlineData("run --help", "--in-run-dir")]
    [InlineData("help exit-codes", "127")]
    [InlineData("help admin user", "usage: drover admin user [OPTION...] NAME")]
    [InlineData("get --help", "usage: drover get [OPTION...] ID [PATH] [TO]")]
    [InlineData("--help", "topics (drover help TOPIC):")]
    [InlineData("version", "drover ")]
    [InlineData("--version", "drover ")]
    public async Task Help_helps(string line, string expected)
    {
        CommandResult result = await RunAsync(line.Split(' '));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains(expected, result.Output);
        Assert.DoesNotContain("keeper", result.Output);
    }

    [Fact]
    public async Task Up_says_so_when_a_server_runs_already()
    {
        CommandResult result = await RunAsync("up");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("was running already", result.Output);
    }
}
