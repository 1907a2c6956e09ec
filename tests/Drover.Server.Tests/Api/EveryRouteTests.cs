using System.Net;
using System.Text.Json;
using Drover.Server.Api.Description;

namespace Drover.Server.Tests.Api;

/// <summary>What holds for every route. The routes are those that are described, and every route is.</summary>
public sealed class EveryRouteTests(ApiServer server) : IClassFixture<ApiServer>
{
    public static TheoryData<string> Routes { get; } = [.. RouteUnderTest.All.Select(route => route.Route)];

    /// <summary>Without HEAD, whose answers have no words.</summary>
    public static TheoryData<string> RoutesWithToken { get; } = Some(route => !route.Operation.IsPublic && route.Method != HttpMethod.Head);

    public static TheoryData<string> RoutesOfOne { get; } = Some(route => route.IsOfOne);

    public static TheoryData<string> RoutesWithJson { get; } = Some(route => route.TakesJson);

    [Theory]
    [MemberData(nameof(RoutesWithToken))]
    public async Task Without_a_token_or_with_a_wrong_one_nothing_is_told(string route)
    {
        foreach (string? token in (string?[])[null, "", " ", "wrong", server.Token + "x", server.Token[..^1], new string('x', 8000)])
        {
            using HttpResponseMessage response = await SendAsync(new RouteUnderTest(route).Request(token));
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("unauthorized", (await ApiServer.ProblemAsync(response)).Code);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(RoutesWithToken))]
    public async Task The_token_of_an_agent_opens_nothing_of_the_users(string route)
    {
        string token = await server.NewAgentAsync("somewhere");
        using HttpResponseMessage response = await SendAsync(new RouteUnderTest(route).Request(token));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("forbidden", (await ApiServer.ProblemAsync(response)).Code);
    }

    [Theory]
    [MemberData(nameof(RoutesOfOne))]
    public async Task What_another_user_has_is_answered_as_what_is_not_there_and_stays_as_it_is(string route)
    {
        var tested = new RouteUnderTest(route);
        string bob = await server.NewUserAsync("bob" + Guid.NewGuid().ToString("N")[..8]);
        string id = (await server.SubmitAsync()).Id.ToString();
        string before = await ShownAsync(id);
        using HttpResponseMessage foreign = await SendAsync(tested.Request(bob, id));
        using HttpResponseMessage missing = await SendAsync(tested.Request(bob, "987654"));
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Equal(
            (await missing.Content.ReadAsStringAsync()).Replace("987654", id, StringComparison.Ordinal), await foreign.Content.ReadAsStringAsync());
        Assert.Equal(before, await ShownAsync(id));
    }

    [Theory]
    [MemberData(nameof(RoutesOfOne))]
    public async Task A_number_that_is_none_is_answered_as_not_there(string route)
    {
        foreach (string id in (string[])["0", "-1", "+1", "x", "1.5", "1e3", "0x1", "99999999999999999999", "%0A1", "1%20", "..%2f1", "%E2%80%AE1", "1_", "_1", "1_x", "1__2"])
        {
            using HttpResponseMessage response = await SendAsync(new RouteUnderTest(route).Request(server.Token, id));
            Assert.True(response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{id}: {response.StatusCode}");
            await OneSentenceAsync(response);
        }
    }

    [Theory]
    [MemberData(nameof(RoutesWithJson))]
    public async Task A_body_that_makes_no_sense_is_refused_in_a_sentence(string route)
    {
        var tested = new RouteUnderTest(route);
        string id = (await server.SubmitAsync()).Id.ToString();
        string before = await ShownAsync(id);
        foreach (string body in (string[])
            [
                "", " ", "{", "}", "null", "[]", "\"\"", "1", "{]", "{\"a\":}", "\0", "{\"why\" \"x\"}", "{}{}", tested.Body![..^1], tested.Body + "x",
                tested.Body[..^1] + ",\"nobodyKnowsThis\":1}", "{\"nobody\\u0007Knows\\nThis\":1}", "\uFEFF\uFEFF{}", "{'a':1}", "{\"command\":[\"\\ud800\"]}",
                Nested("[", "]"), Nested("{\"a\":", "}"), "{\"command\":1,\"jobs\":1,\"why\":1,\"site\":1,\"name\":1,\"steps\":1}",
            ])
        {
            using HttpResponseMessage response = await SendAsync(tested.Request(server.Token, id, body));
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{Shown(body)}: {response.StatusCode}");
            await OneSentenceAsync(response);
        }

        Assert.Equal(before, await ShownAsync(id));

        static string Nested(string open, string close) => string.Concat(Enumerable.Repeat(open, 100_000)) + "1" + string.Concat(Enumerable.Repeat(close, 100_000));
    }

    [Theory]
    [MemberData(nameof(RoutesWithJson))]
    public async Task A_body_that_is_no_json_or_too_long_is_refused_by_its_status(string route)
    {
        var tested = new RouteUnderTest(route);
        foreach (string mediaType in (string[])["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/octet-stream"])
        {
            using HttpResponseMessage text = await SendAsync(tested.Request(server.Token, mediaType: mediaType));
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, text.StatusCode);
            await OneSentenceAsync(text);
        }

        using HttpResponseMessage @long = await SendAsync(tested.Request(server.Token, body: $$"""{"command":["{{new string('x', 20 << 20)}}"]}"""));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, @long.StatusCode);
        await OneSentenceAsync(@long);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Another_method_is_refused_with_those_that_there_are(string route)
    {
        var tested = new RouteUnderTest(route);
        using var request = new HttpRequestMessage(HttpMethod.Trace, new Uri(tested.Path(), UriKind.Relative));
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Contains(tested.Method.Method, response.Content.Headers.Allow);
        await OneSentenceAsync(response);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Numbers_and_words_of_the_query_are_checked(string route)
    {
        var tested = new RouteUnderTest(route);
        string id = (await server.SubmitAsync()).Id.ToString();
        foreach (OperationParameter parameter in tested.Operation.Parameters.Where(p => p.In == "query" && p.Type != "string"))
        {
            foreach (string value in (string[])["x", "1x", "NaN", "Infinity", "1,000", "%00", "%0a", "٣", "9999999999999999999999", "' OR 1=1 --"])
            {
                using HttpRequestMessage request = tested.Request(server.Token, id);
                string also = parameter.Name == "waitSeconds" ? "" : "&waitSeconds=1";
                request.RequestUri = new Uri($"{request.RequestUri}?{parameter.Name}={value}{also}", UriKind.Relative);
                using HttpResponseMessage response = await SendAsync(request);
                Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{parameter.Name}={value}: {response.StatusCode}");
                await OneSentenceAsync(response);
            }
        }
    }

    internal static async Task OneSentenceAsync(HttpResponseMessage response)
    {
        Problem problem = await ApiServer.ProblemAsync(response);
        Assert.InRange(problem.Detail!.Length, 10, 1001);
        Assert.DoesNotContain(problem.Detail, char.IsControl);
        Assert.DoesNotMatch(@"\b(System|Drover|Microsoft)\.[A-Z]|\.NET|Exception|   at ", problem.Detail);
        Assert.False(string.IsNullOrEmpty(problem.Code));
        Assert.NotEqual("bug", problem.Code);
    }

    private static TheoryData<string> Some(Func<RouteUnderTest, bool> which) => [.. RouteUnderTest.All.Where(which).Select(route => route.Route)];

    private static string Shown(string body) => JsonEncodedText.Encode(body.Length > 100 ? body[..100] : body).ToString();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            return await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }
    }

    private async Task<string> ShownAsync(string id)
    {
        using HttpResponseMessage response = await server.GetAsync($"api/v1/jobs/{id}");
        return await response.Content.ReadAsStringAsync();
    }
}
