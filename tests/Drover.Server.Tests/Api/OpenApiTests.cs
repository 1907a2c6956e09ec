using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Drover.Server.Api.Description;
using Drover.Server.Api.Events;

namespace Drover.Server.Tests.Api;

public sealed class OpenApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task It_has_every_route_and_no_other()
    {
        JsonElement document = await DocumentAsync();
        IEnumerable<string> described = document.GetProperty("paths").EnumerateObject().SelectMany(
            path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"));
        Assert.Equal(Operations.Routes.Select(route => route.Replace(" /", " /api/v1/").Replace("{**", "{")).Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task It_says_what_the_json_of_the_protocol_is()
    {
        JsonElement document = await DocumentAsync();
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString());
        JsonElement schemas = document.GetProperty("components").GetProperty("schemas");
        JsonElement spec = schemas.GetProperty("JobSpec");
        Assert.Equal("command", Assert.Single(spec.GetProperty("required").EnumerateArray()).GetString());
        JsonElement environment = spec.GetProperty("properties").GetProperty("environment");
        Assert.Equal(["null", "object"], environment.GetProperty("type").EnumerateArray().Select(type => type.GetString()));
        Assert.Equal("string", environment.GetProperty("additionalProperties").GetProperty("type").GetString());
        Assert.Equal("integer", schemas.GetProperty("JobId").GetProperty("type").GetString());
        Assert.Contains("running", schemas.GetProperty("JobState").GetProperty("enum").EnumerateArray().Select(word => word.GetString()));
        Assert.Contains("exited", schemas.GetProperty("Ending").GetProperty("discriminator").GetProperty("mapping").EnumerateObject().Select(p => p.Name));
        Assert.All(
            schemas.GetProperty("JobInfo").GetProperty("properties").EnumerateObject().Where(p => p.Value.TryGetProperty("type", out _)),
            p => Assert.False(string.IsNullOrWhiteSpace(p.Value.GetProperty("description").GetString()), p.Name));
    }

    [Fact]
    public async Task Every_operation_says_how_to_show_a_token_unless_it_needs_none()
    {
        JsonElement document = await DocumentAsync();
        Assert.Equal("bearer", document.GetProperty("components").GetProperty("securitySchemes").GetProperty("token").GetProperty("scheme").GetString());
        foreach (RouteUnderTest route in RouteUnderTest.All)
        {
            Assert.Equal(!route.Operation.IsPublic, OperationOf(document, route).TryGetProperty("security", out _));
        }
    }

    [Fact]
    public async Task Every_answer_that_it_names_is_given_and_has_its_schema()
    {
        JsonElement document = await DocumentAsync();
        var given = new HashSet<(string Route, int Status)>();
        await foreach ((RouteUnderTest route, HttpResponseMessage response) in new ApiCalls(server).AllAsync())
        {
            using (response)
            {
                int status = (int)response.StatusCode;
                given.Add((route.Route, status));
                await CheckAsync(document, route, response);
            }
        }

        IEnumerable<(string, int)> named = RouteUnderTest.All.SelectMany(
            route => route.Operation.Answers.Select(answer => answer.Status).Concat(OperationDescriptionOf(route)).Select(status => (route.Route, status)));
        Assert.Empty(named.Except(given).Where(one => one.Item2 != 429 && !IsOfQuota(one))); // Too many streams: see EventHubTests and FollowedLogsTests.
    }

    /// <summary>Whether it is only given where uploads have a bound: see InputQuotaRequestTests.</summary>
    private static bool IsOfQuota((string Route, int Status) answer) => answer is ("PUT /inputs/{sha256}", 507) or ("POST /inputs/pack", 507);

    private static IEnumerable<int> OperationDescriptionOf(RouteUnderTest route) => OperationDescription.RefusalsOf(route.Operation);

    private static JsonElement OperationOf(JsonElement document, RouteUnderTest route) => document.GetProperty("paths")
        .GetProperty("/api/v1" + route.Pattern.Replace("{**", "{", StringComparison.Ordinal)).GetProperty(route.Method.Method.ToLowerInvariant());

    /// <summary>The status is one that the document names, and the body is what it says of it.</summary>
    private static async Task CheckAsync(JsonElement document, RouteUnderTest route, HttpResponseMessage response)
    {
        string status = ((int)response.StatusCode).ToString();
        JsonElement responses = OperationOf(document, route).GetProperty("responses");
        Assert.True(responses.TryGetProperty(status, out JsonElement described), $"{route} answered {status}, which is not described.");
        if (response.Content.Headers.ContentType?.MediaType == EventAnswer.MediaType)
        {
            Assert.True(described.GetProperty("content").TryGetProperty(EventAnswer.MediaType, out _));
            return; // It may stay open.
        }

        byte[] body = await response.Content.ReadAsByteArrayAsync();
        if (!described.TryGetProperty("content", out JsonElement content) || route.Method == HttpMethod.Head)
        {
            Assert.Empty(body);
            return;
        }

        string mediaType = response.Content.Headers.ContentType?.MediaType ?? "no type";
        Assert.True(content.TryGetProperty(mediaType, out JsonElement media), $"{route} answered {status} with {mediaType}");
        JsonElement schema = media.GetProperty("schema");
        if (!schema.TryGetProperty("format", out JsonElement format) || format.GetString() != "binary")
        {
            IReadOnlyList<string> mistakes = new JsonShape(document).Mistakes(JsonElement.Parse(body), schema);
            Assert.True(mistakes.Count == 0, $"{route} {status}: {string.Join("; ", mistakes)}");
        }
    }

    private async Task<JsonElement> DocumentAsync()
    {
        using HttpResponseMessage response = await server.SendAsync(HttpMethod.Get, "api/v1/openapi.json", token: null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
