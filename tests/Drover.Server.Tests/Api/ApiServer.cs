using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Tests.Api;

/// <summary>A whole server in this process, on a free port of the loopback address, with no agent of its own.</summary>
public sealed class ApiServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly Action<ILoggingBuilder>? _addLogs;
    private RunningServer? _server;
    private Task<string>? _expired;

    public ApiServer()
    {
    }

    internal ApiServer(Action<ILoggingBuilder> addLogs) => _addLogs = addLogs;

    /// <param name="configuration">What its drover.yaml says.</param>
    internal ApiServer(string configuration) => File.WriteAllText(_folder["drover.yaml"], configuration);

    internal string Folder => _folder.Path;

    internal string Token { get; private set; } = "";

    /// <summary>A connection whose answer is not read to its end is closed at once, and not read for two seconds more.</summary>
    internal HttpClient Http { get; } = new(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero });

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync(new ServerLaunch { DataFolder = _folder.Path, AddLogs = _addLogs }, () => { });
        Http.BaseAddress = new Uri(_server.Url);
        Token = (await File.ReadAllTextAsync(_folder["token"])).Trim();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server!.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Sends a request; without a token when that is null.</summary>
    internal async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? token, string? json = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        return await Http.SendAsync(request);
    }

    internal Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path, Token);

    internal Task<HttpResponseMessage> PostAsync(string path, string? json) => SendAsync(HttpMethod.Post, path, Token, json);

    internal async Task<JobInfo> SubmitAsync(string json = """{"command":["/bin/true"]}""", string? token = null)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, "api/v1/jobs", token ?? Token, json);
        Assert.Equal(System.Net.HttpStatusCode.Created, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.JobInfo))!;
    }

    internal async Task<string> NewUserAsync(string name)
    {
        using HttpResponseMessage response = await PostAsync("api/v1/users", JsonSerializer.Serialize(new { name }));
        return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.IssuedToken))!.Token;
    }

    internal async Task<string> NewAgentAsync(string site, string? user = null)
    {
        using HttpResponseMessage response = await PostAsync(
            "api/v1/agents", user is null ? JsonSerializer.Serialize(new { site }) : JsonSerializer.Serialize(new { site, user }));
        return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.IssuedToken))!.Token;
    }

    /// <summary>Another token of the administrator.</summary>
    internal async Task<IssuedToken> NewTokenAsync(string json = "{}")
    {
        using HttpResponseMessage response = await PostAsync("api/v1/tokens", json);
        Assert.Equal(System.Net.HttpStatusCode.Created, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.IssuedToken))!;
    }

    /// <summary>A token that the server has seen, and that has expired since.</summary>
    internal Task<string> ExpiredTokenAsync() => _expired ??= ExpireAsync();

    /// <summary>A token that the server has seen, and that was revoked since.</summary>
    internal async Task<string> RevokedTokenAsync()
    {
        IssuedToken token = await NewTokenAsync();
        (await SendAsync(HttpMethod.Get, "api/v1/server", token.Token)).Dispose();
        (await SendAsync(HttpMethod.Delete, $"api/v1/tokens/{token.Id}", Token)).Dispose();
        return token.Token;
    }

    private async Task<string> ExpireAsync()
    {
        IssuedToken token = await NewTokenAsync("""{"validSeconds":1}""");
        while (true)
        {
            using HttpResponseMessage response = await SendAsync(HttpMethod.Get, "api/v1/server", token.Token);
            if (response.StatusCode == System.Net.HttpStatusCode.Unauthorized)
            {
                return token.Token;
            }

            await Task.Delay(100);
        }
    }

    internal static async Task<Problem> ProblemAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Problem problem = (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.Problem))!;
        Assert.Equal((int)response.StatusCode, problem.Status);
        Assert.False(string.IsNullOrWhiteSpace(problem.Detail));
        return problem;
    }
}
