using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Drover.Server.Tests.Api;

/// <summary>Requests that bring about every answer that is described.</summary>
internal sealed class ApiCalls(ApiServer server)
{
    private string _spareToken = "";

    internal async IAsyncEnumerable<(RouteUnderTest Route, HttpResponseMessage Response)> AllAsync()
    {
        await using AgentInTest agent = await AgentInTest.ConnectAsync(server, "lab");
        string agentToken = await server.NewAgentAsync("elsewhere");
        _spareToken = (await server.NewTokenAsync()).Id!;
        string queued = (await server.SubmitAsync()).Id.ToString();
        string ended = (await agent.RunAsync(""","reuse":true""")).ToString();
        string queuedArray = (await SubmitArrayAsync()).ToString();
        string endedArray = (await EndedArrayAsync()).ToString();
        foreach (RouteUnderTest route in RouteUnderTest.All)
        {
            bool isArray = route.Pattern.StartsWith("/arrays/{id}", StringComparison.Ordinal);
            foreach (int refusal in Description(route))
            {
                if (await RefusedAsync(route, refusal, agentToken, isArray ? queuedArray : queued) is { } response)
                {
                    yield return (route, response);
                }
            }

            foreach (HttpRequestMessage request in isArray ? Good(route, queuedArray, endedArray) : Good(route, queued, ended))
            {
                using (request)
                {
                    HttpResponseMessage response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                    EntityTagHeaderValue? tag = response.Headers.ETag;
                    Uri address = request.RequestUri!;
                    yield return (route, response);
                    if (tag is not null && route.Operation.Answers.Any(answer => answer.Status == 304))
                    {
                        using HttpRequestMessage again = route.Request(server.Token);
                        again.RequestUri = address;
                        again.Headers.IfNoneMatch.Add(tag);
                        yield return (route, await server.Http.SendAsync(again));
                    }
                }
            }
        }
    }

    private static IEnumerable<int> Description(RouteUnderTest route) => Drover.Server.Api.Description.OperationDescription.RefusalsOf(route.Operation);

    /// <summary>What goes wrong in the same way everywhere; null for what is special.</summary>
    private async Task<HttpResponseMessage?> RefusedAsync(RouteUnderTest route, int status, string agentToken, string queued)
    {
        using HttpRequestMessage? request = status switch
        {
            400 when route.TakesJson => route.Request(server.Token, queued, "{"),
            400 => route.Operation.Parameters.Any(IsChosen) ? Query(route, queued) : null,
            401 => route.Request(null),
            403 => route.Request(agentToken),
            404 => route.Request(server.Token, "987654"),
            413 => route.Request(server.Token, queued, $$"""{"command":["{{new string('x', 20 << 20)}}"]}"""),
            415 => route.Request(server.Token, queued, mediaType: "text/plain"),
            _ => null,
        };
        return request is null ? null : await server.Http.SendAsync(request);
    }

    private static bool IsChosen(Drover.Server.Api.Description.OperationParameter parameter) => parameter is { In: "query", Type: not "string" };

    private HttpRequestMessage Query(RouteUnderTest route, string queued)
    {
        HttpRequestMessage request = route.Request(server.Token, queued);
        string name = route.Operation.Parameters.First(IsChosen).Name;
        request.RequestUri = new Uri($"{request.RequestUri}?{name}=no!", UriKind.Relative);
        return request;
    }

    /// <summary>What is special about a route: its good answers, and the refusals that only it has.</summary>
    private IEnumerable<HttpRequestMessage> Good(RouteUnderTest route, string queued, string ended)
    {
        switch (route.Route)
        {
            case "POST /jobs":
            case "POST /jobs/batch":
            case "POST /arrays":
            case "POST /workflows":
                yield return route.Request(server.Token);
                yield return WithKey(route.Request(server.Token));
                yield return WithKey(route.Request(server.Token, body: route.Body!.Replace("true", "false", StringComparison.Ordinal)));
                yield return route.Request(server.Token, body: route.Body!.Replace("[\"true\"]", """["true"],"site":"lab","reuse":true""", StringComparison.Ordinal));
                yield return route.Request(server.Token, body: route.Body!.Replace("[\"true\"]", $$"""["true"],"inputs":"{{new string('c', 64)}}" """, StringComparison.Ordinal));
                break;
            case "PATCH /jobs/{id}":
                yield return route.Request(server.Token, ended);
                yield return route.Request(server.Token, queued);
                HttpRequestMessage late = route.Request(server.Token, queued);
                late.Headers.IfMatch.Add(new EntityTagHeaderValue("\"1.0\""));
                yield return late;
                break;
            case "PATCH /arrays/{id}":
                yield return route.Request(server.Token, ended);
                yield return route.Request(server.Token, queued);
                HttpRequestMessage lateArray = route.Request(server.Token, queued);
                lateArray.Headers.IfMatch.Add(new EntityTagHeaderValue("\"1.0\""));
                yield return lateArray;
                break;
            case "POST /jobs/{id}/cancel":
            case "POST /arrays/{id}/cancel":
                yield return route.Request(server.Token, ended);
                yield return route.Request(server.Token, queued);
                break;
            case "POST /jobs/{id}/exec":
                yield return route.Request(server.Token, ended);
                yield return route.Request(server.Token, queued);
                break;
            case "GET /jobs/{id}/files/{**path}":
                yield return route.Request(server.Token, ended);
                yield return Range(route.Request(server.Token, ended), 1, 2);
                yield return Range(route.Request(server.Token, ended), 1000, 1001);
                HttpRequestMessage known = route.Request(server.Token, ended);
                known.Headers.Add("If-None-Match", AgentInTest.Tag);
                yield return known;
                break;
            case "POST /inputs/pack":
                yield return Pack(route, InputPack.Of("hello"u8));
                yield return Pack(route, InputPack.Of((new string('a', 64), "hello"u8.ToArray())));
                yield return Pack(route, [1, 2, 3]);
                break;
            case "HEAD /inputs/{sha256}":
                yield return route.Request(server.Token);
                yield return ToHash(route, "nonsense", []);
                break;
            case "PUT /inputs/{sha256}":
                yield return ToHash(route, InputPack.HashOf("hello, put"u8), "hello, put"u8.ToArray());
                yield return ToHash(route, InputPack.HashOf("hello, put"u8), "hello, put"u8.ToArray());
                yield return ToHash(route, "nonsense", []);
                byte[] large = new byte[200_000];
                yield return ToHash(route, InputPack.HashOf(large), large);
                yield return ToHash(route, new string('b', 64) + "?unhashed=true", large);
                yield return route.Request(server.Token);
                HttpRequestMessage later = route.Request(server.Token);
                later.Headers.Add("Upload-Offset", "7");
                yield return later;
                break;
            case "POST /users":
                yield return route.Request(server.Token);
                yield return route.Request(server.Token);
                break;
            case "DELETE /tokens/{token}":
                HttpRequestMessage revoking = route.Request(server.Token);
                revoking.RequestUri = new Uri(revoking.RequestUri!.ToString().Replace(RouteUnderTest.NoToken, _spareToken, StringComparison.Ordinal), UriKind.Relative);
                yield return revoking;
                break;
            case "GET /jobs/{id}/events":
                yield return route.Request(server.Token, ended);
                yield return After(route.Request(server.Token, ended), 1_000_000_000);
                break;
            default:
                yield return route.Request(server.Token, ended);
                break;
        }
    }

    private async Task<JobId> SubmitArrayAsync()
    {
        using HttpResponseMessage response = await server.Http.SendAsync(new RouteUnderTest("POST /arrays").Request(server.Token));
        return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.ArrayInfo))!.Id;
    }

    private async Task<JobId> EndedArrayAsync()
    {
        JobId array = await SubmitArrayAsync();
        (await server.PostAsync($"api/v1/arrays/{array}/cancel", json: null)).Dispose();
        (await server.GetAsync($"api/v1/arrays/{array}?waitSeconds=60")).Dispose();
        return array;
    }

    private static HttpRequestMessage WithKey(HttpRequestMessage request)
    {
        request.Headers.Add("Idempotency-Key", "documented");
        return request;
    }

    private HttpRequestMessage Pack(RouteUnderTest route, byte[] body)
    {
        HttpRequestMessage request = route.Request(server.Token);
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
        return request;
    }

    private HttpRequestMessage ToHash(RouteUnderTest route, string hash, byte[] body)
    {
        HttpRequestMessage request = route.Request(server.Token);
        request.RequestUri = new Uri($"api/v1/inputs/{hash}", UriKind.Relative);
        request.Content = new ByteArrayContent(body);
        return request;
    }

    private static HttpRequestMessage After(HttpRequestMessage request, long id)
    {
        request.Headers.Add("Last-Event-ID", id.ToString());
        return request;
    }

    private static HttpRequestMessage Range(HttpRequestMessage request, long from, long to)
    {
        request.Headers.Range = new RangeHeaderValue(from, to);
        return request;
    }
}
