using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Drover.Bench.Jobs.Load;
using Drover.Bench.Orchestration;
using Drover.Bench.Runtime.Cases;
using Drover.Client;
using Drover.Coroutines;
using Drover.Protocol.Servers;

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
    private readonly Subprocess _process;

    private DroverServer(string data, HttpClient client, Subprocess process)
    {
        _data = data;
        _client = client;
        _process = process;
    }

    /// <summary>The executable that <c>bench/run</c> builds.</summary>
    public static string Executable { get; } = Path.Combine(Repository.Root, "artifacts", "drover", "current", "drover");

    /// <summary>Where it listens.</summary>
    public Uri Url => _client.BaseAddress!;

    private string Token => File.ReadAllText(Path.Combine(_data, "token")).Trim();

    /// <summary>The number of its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Runs the body with a server of its own.</summary>
    /// <param name="cpus">How many jobs of one CPU may run at once.</param>
    /// <param name="body">What to do while it runs.</param>
    public static Task<T> RunAsync<T>(int cpus, Func<DroverServer, Task<T>> body) => RunAsync(NewData(("local", cpus)), body);

    /// <summary>A data folder for a server with these sites.</summary>
    public static string NewData(params IEnumerable<(string Name, int Cpus)> sites)
    {
        var data = Scratch.NewFolder("drover");
        File.WriteAllText(
            Path.Combine(data, "drover.yaml"),
            "sites:\n" + string.Concat(sites.Select(site => $"  - name: {site.Name}\n    cpus: {site.Cpus}\n")));
        return data;
    }

    /// <summary>Runs the body with a server that has this data folder.</summary>
    public static Task<T> RunAsync<T>(string data, Func<DroverServer, Task<T>> body)
    {
        var log = Path.Combine(data, "bench.log");
        var spec = new ProcessSpec(Executable, ["up", "--foreground", "--data", data])
        {
            Output = OutputTarget.File(log),
            Error = OutputTarget.SameAsOutput,
        };
        return Subprocess.RunAsync(spec, server => ServeAsync(data, server, log, body));
    }

    /// <summary>As <see cref="RunAsync{T}(string, Func{DroverServer, Task{T}})"/>, with one that can tell how large its heap is.</summary>
    public static Task<T> RunMeasuredAsync<T>(string data, Func<DroverServer, Task<T>> body)
    {
        var log = Path.Combine(data, "bench.log");
        var spec = new ProcessSpec(Environment.ProcessPath!, [MeasuredServerCommand.Name, data])
        {
            Input = Drover.Coroutines.InputSource.Pipe,
            Output = OutputTarget.File(log),
        };
        return Subprocess.RunAsync(spec, server => ServeAsync(data, server, log, body));
    }

    private static async Task<T> ServeAsync<T>(string data, Subprocess server, string log, Func<DroverServer, Task<T>> body)
    {
        var address = Path.Combine(data, "server.json");
        await Readiness.WaitAsync(server, log, () => Task.FromResult(File.Exists(address)));
        using var client = new HttpClient { BaseAddress = new Uri((string)JsonNode.Parse(File.ReadAllText(address))!["url"]!) };
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", File.ReadAllText(Path.Combine(data, "token")).Trim());
        var found = await body(new DroverServer(data, client, server));
        await StopAsync(Executable, data);
        return found;
    }

    /// <summary>The memory of a server that was started by <see cref="RunMeasuredAsync"/>, in bytes, after a full collection.</summary>
    public async Task<(long Heap, long Resident)> MemoryAsync()
    {
        await _process.Input.WriteLineAsync("");
        var heap = long.Parse(await _process.Error.ReadLineAsync() ?? "", CultureInfo.InvariantCulture);
        return (heap, ProcessMemory.ResidentBytes(ProcessId));
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

    /// <summary>Drover's own client.</summary>
    public DroverClient NewClient() => new(new DroverClientOptions { Server = Url, Token = Token });

    /// <summary>A client that shows the token.</summary>
    public HttpClient NewHttpClient() => new()
    {
        BaseAddress = Url,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Token) },
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The token of a new agent at a site.</summary>
    public async Task<string> NewAgentTokenAsync(string site)
    {
        using var client = NewClient();
        return (await client.CreateAgentAsync(new NewAgent { Site = site })).Token;
    }

    /// <summary>Returns the job's number when the job is on disk.</summary>
    public async Task<long> SubmitAsync(string[] command)
    {
        var job = JsonSerializer.SerializeToUtf8Bytes(new { command, cpus = 1, site = "local" });
        using var content = new ByteArrayContent(job) { Headers = { ContentType = new("application/json") } };
        using var response = await _client.PostAsync(new Uri("/api/v1/jobs", UriKind.Relative), content);
        using var reply = await ReadAsync(response);
        return reply.RootElement.GetProperty("id").GetInt64();
    }

    /// <summary>Submits so many jobs in one request. Returns when all are on disk.</summary>
    /// <param name="command">What they run; each gets its number as a last argument.</param>
    /// <param name="count">How many.</param>
    /// <param name="sites">Where, in turn.</param>
    public Task SubmitManyAsync(string[] command, int count, params IReadOnlyList<string> sites) => PostAsync(
        "/api/v1/jobs/batch",
        JsonSerializer.SerializeToUtf8Bytes(new
        {
            jobs = Enumerable.Range(0, count).Select(i => new { command = (string[])[.. command, $"{i}"], cpus = 1, site = sites.Count == 0 ? "local" : sites[i % sites.Count] }),
        }));

    /// <summary>Runs an array of one command, with the indices from 1, until all its jobs have ended.</summary>
    /// <exception cref="BenchmarkException">Not all of them exited with code 0.</exception>
    public async Task RunArrayAsync(string[] command, int count)
    {
        var spec = new { job = new { command, cpus = 1, site = "local" }, indices = $"1-{count}" };
        var array = JsonNode.Parse(await PostAsync("/api/v1/arrays", JsonSerializer.SerializeToUtf8Bytes(spec)))!;
        var path = $"/api/v1/arrays/{array["id"]}?waitSeconds=60&until=ended";
        while (!(bool)array["isOver"]!)
        {
            array = JsonNode.Parse(await GetAsync(path))!;
        }

        if ((int)array["succeeded"]! != count)
        {
            throw new BenchmarkException($"{array["succeeded"]} of {count} jobs exited with code 0");
        }
    }

    /// <summary>Makes an agent of the default user at a site known, and returns its token.</summary>
    public async Task<string> AddAgentAsync(string site) =>
        (string)JsonNode.Parse(await PostAsync("/api/v1/agents", JsonSerializer.SerializeToUtf8Bytes(new { site })))!["token"]!;

    /// <summary>Asks for something, and returns what is answered.</summary>
    public async Task<byte[]> GetAsync(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative));
        return await BytesAsync(response);
    }

    /// <summary>Posts some JSON, and returns what is answered.</summary>
    public async Task<byte[]> PostAsync(string path, byte[] json)
    {
        using var content = new ByteArrayContent(json) { Headers = { ContentType = new("application/json") } };
        using var response = await _client.PostAsync(new Uri(path, UriKind.Relative), content);
        return await BytesAsync(response);
    }

    /// <summary>Returns when none of the jobs is unfinished.</summary>
    /// <param name="count">How many of the last ones must have exited with code 0.</param>
    /// <exception cref="BenchmarkException">One did not.</exception>
    public async Task WaitUntilAllEndedAsync(int count)
    {
        await WaitUntilAllEndedAsync();
        await CheckSuccessesAsync(count);
    }

    /// <summary>Returns when none of the jobs is unfinished.</summary>
    public async Task WaitUntilAllEndedAsync()
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
    }

    /// <exception cref="BenchmarkException">Not so many of the last jobs that ended exited with code 0.</exception>
    public async Task CheckSuccessesAsync(int count)
    {
        const int MostInOnePage = 1_000;
        var succeeded = 0;
        for (var (left, next) = (count, (string?)""); left > 0 && next is not null; left -= MostInOnePage)
        {
            using var ended = await ListAsync($"state=ended&limit={Math.Min(left, MostInOnePage)}&before={next}");
            succeeded += ended.RootElement.GetProperty("jobs").EnumerateArray().Count(HasSucceeded);
            next = ended.RootElement.TryGetProperty("next", out var number) ? number.ToString() : null;
        }

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

    private static async Task<JsonDocument> ReadAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await BytesAsync(response) is { Length: > 0 } body ? body : "{}"u8.ToArray());

    private static async Task<byte[]> BytesAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync();
        return response.IsSuccessStatusCode
            ? body
            : throw new BenchmarkException($"the server answered {(int)response.StatusCode}: {Encoding.UTF8.GetString(body)}");
    }
}
