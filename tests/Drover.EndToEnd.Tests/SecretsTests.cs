using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Drover.EndToEnd.Tests;

/// <summary>What nobody may know is in no log and no table, however much went wrong.</summary>
public sealed class SecretsTests
{
    private const string Password = "correct-horse-battery-staple";

    [Fact]
    public async Task Tokens_and_values_of_environments_are_nowhere_but_where_they_belong()
    {
        await using var drover = new Installation();
        Directory.CreateDirectory(drover.Data);
        await File.WriteAllTextAsync(Path.Combine(drover.Data, "drover.yaml"), "logLevel: trace\nlogFormat: json\n");
        await drover.UpAsync();
        IssuedToken user = await drover.Client.CreateUserAsync(new NewUser { Name = "ada" });
        IssuedToken agent = await drover.Client.CreateAgentAsync(new NewAgent { Site = "elsewhere" });
        await BeBusyAsync(drover, user.Token);
        string[] tokens = [drover.Token, user.Token, agent.Token, (await File.ReadAllTextAsync(Path.Combine(drover.AgentFolder, "token"))).Trim()];
        (await drover.RunAsync("down")).Exits(0); // What was in memory is in the files.

        await Installation.KillAsync(drover.Agent, drover.Keeper); // Their locks would keep their files from being read.
        string[] files =
        [
            // Locks are empty, and those of killed processes go a little after them.
            .. Directory.GetFiles(drover.Data, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".sock", StringComparison.Ordinal) && new FileInfo(file).Length > 0),
        ];
        string[] own = [Path.Combine(drover.Data, "token"), Path.Combine(drover.AgentFolder, "token")];
        string[] logs = [.. files.Where(file => Path.GetDirectoryName(file) == Path.Combine(drover.Data, "logs"))];
        Assert.Contains(Path.Combine(drover.Data, "drover.db"), files);
        Assert.All(files.Except(own), file => Assert.All(tokens, token => Assert.False(Holds(file, token), $"{file} holds a token")));
        Assert.All(logs, log => Assert.False(Holds(log, Password), $"{log} holds a job's password"));

        // The search finds what is there, and the logs are what programs read: with job, attempt and user.
        Assert.All(own, file => Assert.Contains(tokens, token => Holds(file, token)));
        JsonElement fact = Lines(drover, "server.log").First(line => Property(line, "Job") is not null);
        Assert.Equal(("1", "1", Environment.UserName), (Property(fact, "Job"), Property(fact, "Attempt"), Property(fact, "User")));
        JsonElement ofAgent = Lines(drover, "agent.log").First(line => Property(line, "Job") is not null);
        Assert.Equal(("1", "1", Environment.UserName), (Property(ofAgent, "Job"), Property(ofAgent, "Attempt"), Property(ofAgent, "User")));
    }

    /// <summary>Jobs that end in several ways, and requests that are refused in several ways, all with secrets in them.</summary>
    private static async Task BeBusyAsync(Installation drover, string token)
    {
        var environment = new Dictionary<string, string> { ["DATABASE_PASSWORD"] = Password };
        foreach (string[] command in (string[][])[["true"], ["false"], ["/no/such/program"], ["sh", "-c", "kill -9 $$"], ["sleep", "1000"]])
        {
            JobHandle job = await drover.SubmitAsync(new JobSpec { Command = command, Environment = environment });
            if (command[0] == "sleep")
            {
                await job.IsAsync(JobState.Running);
                await job.CancelAsync();
            }

            await job.EndAsync();
        }

        using var http = new HttpClient { BaseAddress = new Uri(drover.Url) };
        foreach ((string path, string body) in new[]
        {
            ("api/v1/jobs", JobWith(Password, "oops")),
            ("api/v1/jobs", JobWith(Password + "\0", "name")),
            ("api/v1/jobs", $"{Password} is not JSON"),
            ("api/v1/server/stop", ""),
            ($"agent/v1/streams/1?token={token}", Password),
            ($"api/v1/jobs?access_token={token}", ""),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
            };
            using HttpResponseMessage response = await http.SendAsync(request);
            Assert.False(response.IsSuccessStatusCode, path);
        }
    }

    private static string JobWith(string password, string key) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["command"] = new[] { "x" },
        ["environment"] = new Dictionary<string, string> { ["DATABASE_PASSWORD"] = password },
        [key] = "1",
    });

    private static bool Holds(string file, string secret) => File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0;

    private static IEnumerable<JsonElement> Lines(Installation drover, string log) =>
        File.ReadLines(Path.Combine(drover.Data, "logs", log)).Where(line => line.StartsWith('{')).Select(line => JsonElement.Parse(line));

    private static string? Property(JsonElement line, string name) =>
        line.TryGetProperty("State", out JsonElement state) && state.TryGetProperty(name, out JsonElement value) ? value.ToString() : null;
}
