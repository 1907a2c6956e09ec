using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Drover.Samples.Tests;

/// <summary>The requests that the guide shows with curl, typed as they stand there, to a server that runs.</summary>
public sealed partial class CurlTests : IAsyncLifetime
{
    private readonly DroverData _data = new(".local/share/drover"); // Where the guide looks for the token, from the home folder.
    private SampleProcess _server = null!;
    private string _url = "";

    public async ValueTask InitializeAsync()
    {
        _server = SampleProcess.Start(
            new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "drover"), ["up", "--foreground", "--data", _data.Path, "--port", "0"]));
        _url = await _data.UrlAsync();
        Directory.CreateDirectory(Path.Combine(_data.Home, "bin"));
        await WriteProgramAsync("curl", $$"""
            #!/bin/sh
            n=$(ls {{_data.Home}}/answer.* 2>/dev/null | wc -l)
            exec "$(PATH=/usr/bin:/bin command -v curl)" --max-time 60 -D {{_data.Home}}/answer.$((n + 1001)) "$@"
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _data.DisposeAsync();
    }

    [Fact(Timeout = 300_000)]
    public async Task What_the_guide_to_the_API_shows_is_answered_as_it_says()
    {
        string[] blocks = Blocks("docs/guide/api.md", "sh").ToArray();
        string output = await ShellAsync(string.Join('\n', blocks).Replace("http://127.0.0.1:8123", _url, StringComparison.Ordinal));
        Assert.Equal(
            [
                "200 json", // The server.
                "201 json", "200 json", "200 json", "200 json", // Submit, wait, cancel what has ended, explain.
                "201 json", // With a key.
                "200 json", "200 json", "200 json", "200 json", // Lists.
                "201 json", "200 json", "200 json", // One that is held, its ETag, its change.
                "200 event-stream", // Its events.
                "200 octet-stream", "200 event-stream", // Its log.
                "200 vnd.drover.exec",
            ],
            await AnswersAsync());
        Assert.Equal(Requests(blocks), (await AnswersAsync()).Length);
        string events = Blocks("docs/guide/api.md", "").Single(block => block.StartsWith("id: 0", StringComparison.Ordinal));
        string shown = events[..events.IndexOf("\"at\"", StringComparison.Ordinal)];
        Assert.Contains(shown, output, StringComparison.Ordinal);
        Assert.Contains("""{"ending":{"kind":"exited","code":0}}""", output, StringComparison.Ordinal);
        Assert.Equal(0, JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_data.Home, "job.json"))).RootElement.GetProperty("spec").GetProperty("priority").GetInt32());
    }

    [Fact(Timeout = 300_000)]
    public async Task Files_go_and_come_as_the_guide_to_files_shows()
    {
        await File.WriteAllTextAsync(Path.Combine(_data.Home, "in.json"), "{}\n");
        string typed = Assert.Single(Blocks("docs/guide/files.md", ""), block => block.Contains("curl", StringComparison.Ordinal));
        string script = Prompt().Replace(typed, "").Replace("jobs/17", "jobs/1", StringComparison.Ordinal);
        int archive = script.LastIndexOf("curl", StringComparison.Ordinal);
        string wait = "curl -s -o /dev/null -H \"Authorization: Bearer $TOKEN\" \"$SERVER/api/v1/jobs/1?waitSeconds=60&until=ended\"\n";
        await ShellAsync($"SERVER={_url}\nTOKEN={_data.Token}\n{script[..archive]}{wait}{script[archive..]}");
        Assert.Equal(["201", "201", "201 json", "200 json", "200 x-tar"], await AnswersAsync());
        Assert.Equal("1 1 3 in.json", string.Join(' ', (await File.ReadAllTextAsync(Path.Combine(_data.Home, "size"))).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact(Timeout = 300_000)]
    public async Task A_request_with_a_key_is_answered_twice_and_done_once()
    {
        string typed = Assert.Single(Blocks("docs/guide/retries.md", ""), block => block.StartsWith("curl", StringComparison.Ordinal));
        string once = typed.Replace("http://127.0.0.1:8123", _url, StringComparison.Ordinal);
        string output = await ShellAsync($"TOKEN={_data.Token}\n{once}\necho\n{once}");
        Assert.Equal(["201 json", "201 json"], await AnswersAsync());
        Assert.Equal(["1", "1"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(job => JsonDocument.Parse(job).RootElement.GetProperty("id").ToString()));
    }

    private static IEnumerable<string> Blocks(string document, string language)
    {
        string text = File.ReadAllText(Path.Combine(Root(), document));
        return Fence().Matches(text).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["text"].Value);
    }

    /// <summary>How many lines ask for something.</summary>
    private static int Requests(IEnumerable<string> blocks) => blocks.Sum(block => Ask().Count(block));

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Drover.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    private async Task WriteProgramAsync(string name, string text)
    {
        string path = Path.Combine(_data.Home, "bin", name);
        await File.WriteAllTextAsync(path, text + "\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }

    /// <summary>Types it in the home folder, and returns what came.</summary>
    private async Task<string> ShellAsync(string script)
    {
        await using SampleProcess shell = SampleProcess.Start(new ProcessStartInfo("/bin/sh", ["-e", "-c", script])
        {
            WorkingDirectory = _data.Home,
            Environment = { ["HOME"] = _data.Home, ["PATH"] = $"{_data.Home}/bin:{Environment.GetEnvironmentVariable("PATH")}" },
        });
        int exitCode = await shell.EndAsync();
        Assert.True(exitCode == 0, $"it exited with {exitCode}: {shell.Errors.Text}{shell.Output.Text}");
        return shell.Output.Text;
    }

    /// <summary>The status and the kind of each answer.</summary>
    private async Task<string[]> AnswersAsync()
    {
        var answers = new List<string>();
        foreach (string file in Directory.GetFiles(_data.Home, "answer.*").Order(StringComparer.Ordinal))
        {
            string head = await File.ReadAllTextAsync(file);
            string last = head[(head.LastIndexOf("HTTP/", StringComparison.Ordinal))..]; // After 100 Continue.
            answers.Add($"{last.Split(' ')[1]} {ContentType().Match(last).Groups["kind"].Value}".Trim());
        }

        return [.. answers];
    }

    [GeneratedRegex("^```(?<language>\\w*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\$ ", RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Prompt();

    [GeneratedRegex(@"^(ask |tag=\$\(ask )", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Ask();

    [GeneratedRegex(@"^content-type: \w+/(?<kind>[\w.-]+)", RegexOptions.Multiline | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex ContentType();
}
