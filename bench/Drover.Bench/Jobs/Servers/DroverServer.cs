using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Drover.Bench.Orchestration;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Servers;

/// <summary>
/// A Drover server with its agent for this machine, and a client of it. Everything that the benchmarks know about
/// Drover's command line and API is here.
/// </summary>
internal sealed class DroverServer
{
    private static readonly TimeSpan s_toStop = TimeSpan.FromSeconds(10);

    private readonly string _data;
    private readonly HttpClient _client;

    private DroverServer(string data, HttpClient client)
    {
        _data = data;
        _client = client;
    }

    /// <summary>The executable that <c>bench/run</c> builds.</summary>
    public static string Executable { get; } = Path.Combine(Repository.Root, "artifacts", "drover", "current", "drover");

    /// <summary>Runs the body with a server of its own.</summary>
    /// <param name="cpus">How many jobs of one CPU may run at once.</param>
    /// <param name="body">What to do while it runs.</param>
    public static Task<T> RunAsync<T>(int cpus, Func<DroverServer, Task<T>> body)
    {
        var data = Scratch.NewFolder("drover");
        File.WriteAllText(Path.Combine(data, "drover.yaml"), $"sites:\n  - name: local\n    cpus: {cpus}\n");
        var log = Path.Combine(data, "bench.log");
        var spec = new ProcessSpec(Executable, ["up", "--foreground", "--data", data])
        {
            Output = OutputTarget.File(log),
            Error = OutputTarget.SameAsOutput,
        };
        return Subprocess.RunAsync(spec, async server =>
        {
            var address = Path.Combine(data, "server.json");
            await Readiness.WaitAsync(server, log, () => Task.FromResult(File.Exists(address)));
            using var client = new HttpClient { BaseAddress = new Uri((string)JsonNode.Parse(File.ReadAllText(address))!["url"]!) };
            client.DefaultRequestHeaders.Authorization =
                new AuthenticationHeaderValue("Bearer", File.ReadAllText(Path.Combine(data, "token")).Trim());
            var found = await body(new DroverServer(data, client));
            await StopAsync(Executable, data);
            return found;
        });
    }

    /// <summary>A client command as it is typed, for the server that has this data folder.</summary>
    /// <param name="drover">The executable, or the launcher in a repository.</param>
    /// <param name="data">The data folder.</param>
    /// <param name="words">The command and its arguments.</param>
    public static ProcessSpec Command(string drover, string data, params string[] words) => new(drover, words)
    {
        Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["DROVER_DATA"] = data, ["DROVER_SERVER"] = null },
    };

    /// <summary>Ends the server and its agent, which would outlive it otherwise.</summary>
    public static async Task StopAsync(string drover, string data) =>
        await CancelScope.MoveOnAfterAsync(s_toStop, () => Subprocess.RunAsync(Command(drover, data, "down")));

    /// <inheritdoc cref="Command(string, string, string[])"/>
    public ProcessSpec Command(string drover, string word) => Command(drover, _data, word);

    /// <summary>Returns the job's number when the job is on disk.</summary>
    public async Task<long> SubmitAsync(string[] command)
    {
        var job = JsonSerializer.SerializeToUtf8Bytes(new { command, cpus = 1, site = "local" });
        using var content = new ByteArrayContent(job) { Headers = { ContentType = new("application/json") } };
        using var response = await _client.PostAsync(new Uri("/api/v1/jobs", UriKind.Relative), content);
        using var reply = await ReadAsync(response);
        return reply.RootElement.GetProperty("id").GetInt64();
    }

    /// <summary>Submits the same job so often, in one request. Returns when all are on disk.</summary>
    public async Task SubmitManyAsync(string[] command, int count)
    {
        var job = new { command, cpus = 1, site = "local" };
        var batch = JsonSerializer.SerializeToUtf8Bytes(new { jobs = Enumerable.Repeat(job, count) });
        using var content = new ByteArrayContent(batch) { Headers = { ContentType = new("application/json") } };
        using var response = await _client.PostAsync(new Uri("/api/v1/jobs/batch", UriKind.Relative), content);
        using var reply = await ReadAsync(response);
    }

    /// <summary>Returns when none of the jobs is unfinished.</summary>
    /// <param name="count">How many of the last ones must have exited with code 0.</param>
    /// <exception cref="BenchmarkException">One did not.</exception>
    public async Task WaitUntilAllEndedAsync(int count)
    {
        while (true)
        {
            using var unfinished = await ListAsync("state=unfinished&limit=1");
            if (unfinished.RootElement.GetProperty("jobs").GetArrayLength() == 0)
            {
                break;
            }

            await WaitUntilEndedAsync(unfinished.RootElement.GetProperty("jobs")[0].GetProperty("id").GetInt64());
        }

        using var ended = await ListAsync($"state=ended&limit={count}");
        var succeeded = ended.RootElement.GetProperty("jobs").EnumerateArray().Count(HasSucceeded);
        if (succeeded != count)
        {
            throw new BenchmarkException($"{succeeded} of {count} jobs exited with code 0");
        }
    }

    /// <exception cref="BenchmarkException">The job did not exit with code 0.</exception>
    public async Task WaitUntilEndedAsync(long id)
    {
        var path = new Uri($"/api/v1/jobs/{id}?waitSeconds=30&until=ended", UriKind.Relative);
        for (var hasEnded = false; !hasEnded;)
        {
            using var response = await _client.GetAsync(path);
            using var reply = await ReadAsync(response);
            hasEnded = reply.RootElement.TryGetProperty("end", out var end);
            if (hasEnded && !HasSucceeded(reply.RootElement))
            {
                throw new BenchmarkException($"job {id} did not exit with code 0: {end}");
            }
        }
    }

    public async Task CancelAsync(long id)
    {
        using var response = await _client.PostAsync(new Uri($"/api/v1/jobs/{id}/cancel", UriKind.Relative), content: null);
        using var reply = await ReadAsync(response);
    }

    private async Task<JsonDocument> ListAsync(string query)
    {
        using var response = await _client.GetAsync(new Uri($"/api/v1/jobs?{query}", UriKind.Relative));
        return await ReadAsync(response);
    }

    private static bool HasSucceeded(JsonElement job) =>
        job.GetProperty("end").GetProperty("ending").TryGetProperty("code", out var code) && code.GetInt32() == 0;

    private static async Task<JsonDocument> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync();
        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(body.Length > 0 ? body : "{}"u8.ToArray())
            : throw new BenchmarkException($"the server answered {(int)response.StatusCode}: {Encoding.UTF8.GetString(body)}");
    }
}
