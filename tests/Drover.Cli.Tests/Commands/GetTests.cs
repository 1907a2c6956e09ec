using System.Formats.Tar;

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
    public async Task A_get_that_fails_leaves_what_was_there_and_what_came_only_hidden()
    {
        Server.OnJob(SomeJobs.Ended()).On(File1, Answers.BytesThenBreak("half"u8), Answers.Problem(503, "agentAway", "The agent is away."));
        await File.WriteAllTextAsync(Path.Combine(Folder, "a.csv"), "old");
        CommandResult result = await RunAsync("get", "1", "out/a.csv", "--force");
        Assert.Equal((1, "drover: The agent is away.\n"), (result.ExitCode, result.Error));
        Assert.Equal("old", await ReadAsync("a.csv"));
        Assert.Equal(["a.csv", "data"], Directory.EnumerateFileSystemEntries(Folder).Select(Path.GetFileName).Where(n => n![0] != '.').Order()!);
    }

    [Fact]
    public async Task Get_of_everything_brings_all_that_is_in_it()
    {
        OnArchive("out/", "out/a.csv", "out/empty/");
        CommandResult result = await RunAsync("get", "1");
        Assert.Equal($"drover: {Folder}/job-1: 1 file, 4 B\n", result.Error);
        Assert.Equal("1,2\n", await ReadAsync("job-1/out/a.csv"));
        Assert.True(Directory.Exists(Path.Combine(Folder, "job-1/out/empty")));
    }

    [Fact]
    public async Task A_glob_brings_what_fits_with_its_folders()
    {
        OnArchive("out/a.csv");
        Assert.Equal(0, (await RunAsync("get", "1", "out/*.csv")).ExitCode);
        Assert.Equal("1,2\n", await ReadAsync("out/a.csv"));
        Assert.Contains("glob=out%2F%2A.csv", Server.RequestsTo("/api/v1/jobs/1/archive")[0]);
    }

    [Theory]
    [InlineData("a[1].txt")]
    [InlineData("what?")]
    public async Task A_file_whose_name_looks_like_a_glob_is_brought_by_its_name(string name)
    {
        Server.OnJob(SomeJobs.Ended()).On($"GET /api/v1/jobs/1/files/{name}", Answers.Bytes("1,2\n"u8));
        Assert.Equal(0, (await RunAsync("get", "1", name)).ExitCode);
        Assert.Equal("1,2\n", await ReadAsync(name));
        Assert.Equal("1,2\n", (await RunAsync("get", "1", name, "-")).Output);
    }

    [Fact]
    public async Task With_json_it_is_told_what_came()
    {
        OnFile("1,2\n"u8);
        CommandResult result = await RunAsync("get", "1", "out/a.csv", "--json");
        Assert.Equal($$"""{"path":"{{Folder}}/a.csv","files":1,"bytes":4,"changed":[],"unreadable":[]}""" + "\n", result.Output);
    }

    [Fact]
    public async Task What_the_agent_could_not_read_is_told_by_name_and_is_a_failure()
    {
        OnArchive("out/", "out/a.csv", "!out/closed");
        CommandResult result = await RunAsync("get", "1");
        Assert.Equal("1,2\n", await ReadAsync("job-1/out/a.csv"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("drover: 'out/closed' did not come: the agent may not read it.", result.Error);

        CommandResult json = await RunAsync("get", "1", "--force", "--json");
        Assert.Equal(1, json.ExitCode);
        Assert.EndsWith("""
            "unreadable":["out/closed"]}

            """, json.Output);
    }

    [Fact]
    public async Task Files_says_what_cannot_be_read()
    {
        OnFolder(new FileEntry { Path = "closed", IsDirectory = true, IsUnreadable = true });
        Assert.Contains("'closed' cannot be read by the agent", (await RunAsync("files", "1")).Error);
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

    private void OnArchive(params string[] names)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (string name in names)
            {
                writer.WriteEntry(name.StartsWith('!') ? new PaxGlobalExtendedAttributesTarEntry([KeyValuePair.Create("DROVER.unreadable", name[1..])])
                    : name.EndsWith('/') ? new PaxTarEntry(TarEntryType.Directory, name)
                    : new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream("1,2\n"u8.ToArray()) });
            }
        }

        Server.OnJob(SomeJobs.Ended()).On("GET /api/v1/jobs/1/archive", Answers.Bytes(archive.ToArray()));
    }

    private Task<string> ReadAsync(string path) => File.ReadAllTextAsync(Path.Combine(Folder, path));
}
