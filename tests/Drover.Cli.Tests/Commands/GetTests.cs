namespace Drover.Cli.Tests.Commands;

public sealed class GetTests : CommandTest
{
    private const string File1 = "GET /api/v1/jobs/1/files/out/a.csv";

    [Fact]
    public async Task Get_writes_a_file_under_its_own_name()
    {
        OnFile("1,2\n"u8);
        CommandResult result = await RunAsync("get", "1", "out/a.csv");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("1,2\n", await ReadAsync("a.csv"));
    }

    [Fact]
    public async Task Get_to_a_dash_writes_the_bytes_to_standard_output()
    {
        OnFile([0, 255, 10]);
        var output = new CommandOutput();
        await RunAsync(output, "get", "1", "out/a.csv", "-");
        Assert.Equal([0, 255, 10], output.OutputBytes);
        Assert.Equal("", output.Error);
    }

    [Fact]
    public async Task Get_does_not_replace_a_file_unless_forced()
    {
        OnFile("new"u8);
        await File.WriteAllTextAsync(Path.Combine(Folder, "a.csv"), "old");
        CommandResult refused = await RunAsync("get", "1", "out/a.csv");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("exists: name another place, or replace it with --force.", refused.Error);
        Assert.Equal("old", await ReadAsync("a.csv"));

        Assert.Equal(0, (await RunAsync("get", "1", "out/a.csv", "--force")).ExitCode);
        Assert.Equal("new", await ReadAsync("a.csv"));
    }

    [Fact]
    public async Task A_get_that_fails_leaves_what_was_there_and_nothing_else()
    {
        Server.OnJob(SomeJobs.Ended()).On(File1, Answers.BytesThenBreak("half"u8), Answers.Problem(503, "agentAway", "The agent is away."));
        await File.WriteAllTextAsync(Path.Combine(Folder, "a.csv"), "old");
        CommandResult result = await RunAsync("get", "1", "out/a.csv", "--force");
        Assert.Equal((1, "drover: The agent is away.\n"), (result.ExitCode, result.Error));
        Assert.Equal("old", await ReadAsync("a.csv"));
        Assert.Equal(["a.csv", "data"], Directory.EnumerateFileSystemEntries(Folder).Select(Path.GetFileName).Order()!);
    }

    [Fact]
    public async Task Get_of_a_folder_brings_all_that_is_in_it()
    {
        OnFolder(new() { Path = "out", IsDirectory = true }, new() { Path = "out/a.csv" }, new() { Path = "out/empty", IsDirectory = true });
        Server.On(File1, Answers.Bytes("1,2\n"u8));
        CommandResult result = await RunAsync("get", "1");
        Assert.Equal($"drover: {Folder}/job-1: 1 file, 4 B\n", result.Error);
        Assert.Equal("1,2\n", await ReadAsync("job-1/out/a.csv"));
        Assert.True(Directory.Exists(Path.Combine(Folder, "job-1/out/empty")));
    }

    [Fact]
    public async Task A_file_whose_name_leads_out_of_the_folder_is_refused()
    {
        OnFolder(new FileEntry { Path = "../evil" });
        Server.On("GET /api/v1/jobs/1/files/../evil", Answers.Bytes("x"u8));
        CommandResult result = await RunAsync("get", "1");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(["data"], Directory.EnumerateFileSystemEntries(Folder).Select(Path.GetFileName)!);
    }

    [Fact]
    public async Task Files_lists_sizes_and_paths()
    {
        OnFolder(new FileEntry { Path = "a\tb", Length = 1536, ModifiedAt = SomeJobs.Noon });
        CommandResult result = await RunAsync("files", "1");
        Assert.Contains("1.5 KiB", result.Output);
        Assert.Contains(@"a\tb", result.Output);
    }

    private void OnFile(ReadOnlySpan<byte> bytes) => Server.OnJob(SomeJobs.Ended()).On(File1, Answers.Bytes(bytes));

    private void OnFolder(params FileEntry[] entries) => Server.OnJob(SomeJobs.Ended()).On(
        "GET /api/v1/jobs/1/files",
        Answers.Json(new FileList { Directory = "/runs/1", Entries = entries }, ProtocolJson.Default.FileList));

    private Task<string> ReadAsync(string path) => File.ReadAllTextAsync(Path.Combine(Folder, path));
}
