using System.Net.Http.Headers;
using System.Text.Json;
using Drover.Server.Api;

namespace Drover.Server.Tests.Api;

/// <summary>Every route against everybody who may come: a route without a line here fails, and so does a line without a route.</summary>
public sealed class SecurityTableTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Users = "user";
    private const string Admins = "admin";
    private const string Agents = "agent";
    private const string Everybody = "everybody";

    /// <summary>
    /// Whom a route is for, and what another user is answered who asks for what the first one has. GET stands for HEAD too.
    /// Without a token, with a wrong, an expired or a revoked one the answer is 401, and 403 with that of an agent at a route
    /// of users, or the other way round; where everybody may ask, all of them are answered alike.
    /// </summary>
    private static readonly Dictionary<string, (string For, int Other)> s_table = new()
    {
        ["GET /healthz"] = (Everybody, 200),
        ["GET /api/v1/openapi.json"] = (Everybody, 200),
        ["* /agent/v1/connect"] = (Agents, 403),
        ["POST /agent/v1/streams/{op:long}"] = (Agents, 403),
        ["GET /agent/v1/inputs/{attempt}"] = (Agents, 403),
        ["DELETE /api/v1/tokens/{token}"] = (Users, 404),
        ["GET /api/v1/agents"] = (Users, 200),
        ["GET /api/v1/arrays/{id}"] = (Users, 404),
        ["GET /api/v1/arrays/{id}/explanation"] = (Users, 404),
        ["GET /api/v1/events"] = (Users, 200),
        ["GET /api/v1/jobs"] = (Users, 200),
        ["GET /api/v1/jobs/{id}"] = (Users, 404),
        ["GET /api/v1/jobs/{id}/archive"] = (Users, 404),
        ["GET /api/v1/jobs/{id}/attempts"] = (Users, 404),
        ["GET /api/v1/jobs/{id}/events"] = (Users, 404),
        ["GET /api/v1/jobs/{id}/explanation"] = (Users, 404),
        ["GET /api/v1/jobs/{id}/files"] = (Users, 404),
        ["GET /api/v1/jobs/{id}/files/{**path}"] = (Users, 404),
        ["GET /api/v1/jobs/{id}/log"] = (Users, 404),
        ["GET /api/v1/jobs/{id}/log/events"] = (Users, 404),
        ["GET /api/v1/server"] = (Users, 200),
        ["GET /api/v1/sites"] = (Users, 200),
        ["GET /api/v1/tokens"] = (Users, 200),
        ["GET /api/v1/tree"] = (Admins, 403),
        ["HEAD /api/v1/inputs/{sha256}"] = (Users, 200),
        ["PATCH /api/v1/arrays/{id}"] = (Users, 404),
        ["PATCH /api/v1/jobs/{id}"] = (Users, 404),
        ["POST /api/v1/agents"] = (Users, 403), // The site is a new one: only administrators make those.
        ["POST /api/v1/arrays"] = (Users, 201),
        ["POST /api/v1/arrays/{id}/cancel"] = (Users, 404),
        ["POST /api/v1/inputs/missing"] = (Users, 200),
        ["POST /api/v1/inputs/pack"] = (Users, 201),
        ["POST /api/v1/jobs"] = (Users, 201),
        ["POST /api/v1/jobs/batch"] = (Users, 201),
        ["POST /api/v1/jobs/{id}/cancel"] = (Users, 404),
        ["POST /api/v1/jobs/{id}/exec"] = (Users, 404),
        ["POST /api/v1/server/stop"] = (Admins, 403),
        ["POST /api/v1/tokens"] = (Users, 201),
        ["POST /api/v1/users"] = (Admins, 403),
        ["POST /api/v1/workflows"] = (Users, 201),
        ["PUT /api/v1/inputs/{sha256}"] = (Users, 422),
    };

    public static TheoryData<string> Routes { get; } = [.. s_table.Keys];

    [Fact]
    public async Task Every_route_has_a_line_in_the_table_and_every_line_has_a_route()
    {
        using var folder = new TemporaryFolder();
        await using DroverServer other = await DroverServer.StartAsync(
            new ServerLaunch { DataFolder = folder.Path }, ServerSurroundings.OfProgram(() => { }));
        await using var pipeline = new ApiPipeline(other.Parts);
        IEnumerable<string> routes = pipeline.Routes.Where(route => !(route.StartsWith("HEAD ") && pipeline.Routes.Contains("GET " + route[5..])));
        Assert.Equal(s_table.Keys.Order(StringComparer.Ordinal), routes.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Everybody_is_answered_as_the_table_says(string route)
    {
        (string @for, int other) = s_table[route];
        string[] methods = route.Split(' ')[0] switch { "GET" => ["GET", "HEAD"], "*" => ["GET", "POST"], var method => [method] };
        var strangers = new Dictionary<string, string?>
        {
            ["no token"] = null,
            ["a wrong token"] = "drover_user_" + new string('A', 43),
            ["an expired token"] = await server.ExpiredTokenAsync(),
            ["a revoked token"] = await server.RevokedTokenAsync(),
        };
        string agent = await server.NewAgentAsync("table");
        string user = await server.NewUserAsync($"other{Guid.NewGuid():N}"[..20]);
        foreach (string method in methods.Where(method => !(method == "HEAD" && @for is Agents or Everybody)))
        {
            foreach ((string name, string? token) in strangers)
            {
                Assert.Equal((method, name, @for == Everybody ? other : 401), (method, name, await AskAsync(method, route, token)));
            }

            if (@for == Agents)
            {
                Assert.Equal((method, "an agent's", true), (method, "an agent's", await AskAsync(method, route, agent) is 400 or 404 or 410));
            }
            else
            {
                Assert.Equal((method, "an agent's", @for == Everybody ? other : 403), (method, "an agent's", await AskAsync(method, route, agent)));
            }

            Assert.Equal((method, "another user's", other), (method, "another user's", await AskAsync(method, route, user)));
        }

        Assert.Equal(200, await AskAsync("GET", "GET /api/v1/server", server.Token)); // It has not been stopped.
    }

    private async Task<int> AskAsync(string method, string route, string? token)
    {
        string id = (await server.SubmitAsync()).Id.ToString();
        string foreign = route.Contains("/tokens/", StringComparison.Ordinal) ? (await server.NewTokenAsync()).Id! : RouteUnderTest.NoToken;
        string pattern = route.Split(' ')[1];
        if (pattern.Contains("/arrays/{id}", StringComparison.Ordinal))
        {
            using HttpResponseMessage array = await server.PostAsync("api/v1/arrays", """{"job":{"command":["true"]},"indices":"1-3"}""");
            id = JsonDocument.Parse(await array.Content.ReadAsStringAsync()).RootElement.GetProperty("id").ToString();
        }

        using HttpRequestMessage request = RequestOf(method, route, pattern, id);
        request.RequestUri = new Uri(request.RequestUri!.ToString().Replace(RouteUnderTest.NoToken, foreign, StringComparison.Ordinal), UriKind.Relative);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using HttpResponseMessage response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return (int)response.StatusCode;
    }

    private static HttpRequestMessage RequestOf(string method, string route, string pattern, string id)
    {
        if (!pattern.StartsWith("/api/v1", StringComparison.Ordinal))
        {
            string path = pattern.Replace("{op:long}", "1", StringComparison.Ordinal).Replace("{attempt}", $"{id}.1", StringComparison.Ordinal);
            return new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        }

        HttpRequestMessage request = new RouteUnderTest(route.Replace("/api/v1", "", StringComparison.Ordinal)).Request(null, id);
        if (route == "POST /api/v1/inputs/pack")
        {
            request.Content = new ByteArrayContent(InputPack.Of("hello"u8));
        }

        request.Method = new HttpMethod(method);
        return request;
    }
}
