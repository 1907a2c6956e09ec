namespace Drover.Cli.Tests.Completions;

public sealed class CompleterTests : CommandTest
{
    [Theory]
    [InlineData("drover|", "none", "list\tShow what is going on: unfinished jobs, then those that ended last")]
    [InlineData("drover|admin|", "none", "user\tMake a user and print the token, which is told this once")]
    [InlineData("drover|list|--", "none", "--limit\tat most so many (default: 200, of the ended ones 10)")]
    [InlineData("drover|list|--", "none", "--json\tprint the API's objects, one a line")]
    [InlineData("drover|log|1|--stream|", "none", "stderr\t")]
    [InlineData("drover|log|1|--stream=", "none", "--stream=stderr\t")]
    [InlineData("drover|completion|", "none", "fish\t")]
    [InlineData("drover|help|", "none", "arrays\tmany jobs that differ by an index")]
    [InlineData("drover|help|", "none", "submit\tSubmit a job and print its number")]
    [InlineData("drover|show|", "none", "7\torbits, running")]
    [InlineData("drover|submit|--after|ended:3,", "none", "ended:3,7\torbits, running")]
    [InlineData("drover|submit|--cpus|2|", "programs", null)]
    [InlineData("drover|submit|--|", "programs", null)]
    [InlineData("drover|run|./x|--", "files", null)]
    [InlineData("drover|workflow|", "files", null)]
    [InlineData("drover|run|--input|", "files", null)]
    [InlineData("drover|up|--data|", "folders", null)]
    [InlineData("drover|show|7|", "none", null)]
    public async Task A_shell_is_told_what_can_stand_at_the_cursor(string words, string paths, string? candidate)
    {
        Server.On("GET /api/v1/jobs", Answers.Json(new JobList { Jobs = [SomeJobs.Running(7)] }, ProtocolJson.Default.JobList));
        CommandResult result = await RunAsync(["complete", "--", .. words.Split('|')]);
        string[] lines = result.Output.TrimEnd('\n').Split('\n');
        Assert.Equal((0, "", paths), (result.ExitCode, result.Error, lines[0].Split(' ')[0]));
        if (candidate is null)
        {
            Assert.Single(lines);
        }
        else
        {
            Assert.Contains(candidate, lines);
        }
    }

    [Fact]
    public async Task Hidden_commands_are_not_offered() =>
        Assert.DoesNotContain("keeper", (await RunAsync("complete", "--", "drover", "")).Output);

    [Fact]
    public async Task The_files_of_a_job_are_offered_folder_by_folder()
    {
        FileEntry[] entries = [new() { Path = "out", IsDirectory = true }, new() { Path = "out/a.csv", Length = 2048 }, new() { Path = "out/b", IsDirectory = true }, new() { Path = "out/b/c" }];
        Server.OnJob(SomeJobs.Ended()).On(
            "GET /api/v1/jobs/1/files", Answers.Json(new FileList { Directory = "/runs/1", Entries = entries }, ProtocolJson.Default.FileList));
        Assert.Equal("none on\nout/\t\n", (await RunAsync("complete", "--", "drover", "get", "1", "")).Output);
        Assert.Equal("none on\nout/a.csv\t2 KiB\nout/b/\t\n", (await RunAsync("complete", "--", "drover", "get", "1", "out/")).Output);
    }

    [Theory]
    [InlineData("a\nrm x")]
    [InlineData("a\tb")]
    [InlineData("a\e]0;owned\a")]
    [InlineData("a\u0085b")]
    [InlineData("a\u202eb")]
    public async Task A_file_whose_name_a_shell_would_take_apart_is_not_offered(string name)
    {
        FileEntry[] entries = [new() { Path = name, Length = 1 }, new() { Path = "fine", Length = 1 }];
        Server.OnJob(SomeJobs.Ended()).On(
            "GET /api/v1/jobs/1/files", Answers.Json(new FileList { Directory = "/runs/1", Entries = entries }, ProtocolJson.Default.FileList));
        Assert.Equal("none\nfine\t1 B\n", (await RunAsync("complete", "--", "drover", "get", "1", "")).Output);
    }

    [Fact]
    public async Task Without_a_server_nothing_is_said_and_none_is_started()
    {
        File.Delete(Path.Combine(DataFolder, ServerFile.Name));
        CommandResult result = await RunAsync("complete", "--", "drover", "show", "");
        Assert.Equal((0, "none\n", ""), (result.ExitCode, result.Output, result.Error));
    }
}
