using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Drover.Server.Tests.Api;

namespace Drover.Server.Tests.Fuzzing;

/// <summary>Requests that were good and are changed at random, to every route.</summary>
[Collection(nameof(Alone))]
public sealed class ApiFuzzTests(FuzzedServer fuzzed) : IClassFixture<FuzzedServer>
{
    private static readonly string[] s_headers =
        ["Idempotency-Key", "If-Match", "If-None-Match", "If-Range", "Range", "Last-Event-ID", "Upload-Offset", "Content-Type", "Accept", "traceparent", "X-Forwarded-For", "Drover-Connection", "Transfer-Encoding", "Expect"];

    private readonly ApiServer _server = fuzzed.Server;

    /// <summary>All but the one that ends the server. Of those that answer for ever the beginning is read.</summary>
    public static TheoryData<string> Routes { get; } =
        [.. RouteUnderTest.All.Where(route => route.Route != "POST /server/stop").Select(route => route.Route)];

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Whatever_is_sent_is_answered_and_what_is_refused_changes_nothing(string route)
    {
        fuzzed.ForgetErrors();
        var mutation = new Mutation();
        var tested = new RouteUnderTest(route);
        string id = (await _server.SubmitAsync()).Id.ToString();
        int requests = Mutation.Times(60);
        var heap = new LiveHeap(requests, fuzzed.KeptBytes);
        for (int i = 0; i < requests; i++)
        {
            int copy = new Random(unchecked(mutation.Seed + i)).Next();
            string told = $"seed {mutation.Seed}, request {i} to {route}";
            long before = await StateAsync(i);
            (int status, string answer) = await SendAsync(Request(new Mutation(copy), tested, id), told);
            Assert.True(status is < 500 and >= 200 || status == 503 && answer.Contains("agentAway", StringComparison.Ordinal), $"{told}: {status} {answer}");
            if (status >= 400 && fuzzed.State() != before)
            {
                // Something that was accepted before may still have been at work: the second time nothing is.
                before = await fuzzed.SettledStateAsync();
                (int again, _) = await SendAsync(Request(new Mutation(copy), tested, id), told);
                Assert.True(again < 400 || fuzzed.State() == before, $"{told}: {status} {answer}, and yet something has changed");
            }

            heap.After(i, $"seed {mutation.Seed}, {route}");
        }

        Assert.True(fuzzed.Errors.Length == 0, $"seed {mutation.Seed}: {fuzzed.Errors}");
        using HttpResponseMessage alive = await _server.GetAsync("api/v1/server");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Fact]
    public async Task Whatever_an_agent_posts_or_asks_for_is_answered_and_changes_nothing()
    {
        fuzzed.ForgetErrors();
        var mutation = new Mutation();
        string token = await _server.NewAgentAsync("fuzzed-http");
        string job = (await _server.SubmitAsync()).Id.ToString();
        string[] places = [AgentProtocol.StreamPath, AgentProtocol.InputsPath];
        string[] headers = [AgentProtocol.ConnectionHeader, AgentProtocol.OffsetHeader, AgentProtocol.TotalHeader, AgentProtocol.FilesHeader, AgentProtocol.ModifiedHeader, "Expect", "Content-Range"];
        long before = await fuzzed.SettledStateAsync();
        for (int i = Mutation.Times(300); i > 0; i--)
        {
            string told = $"seed {mutation.Seed}, {i} requests before the last";
            string which = mutation.OneIn(3) ? $"{job}.1" : mutation.OneIn(2) ? mutation.Next(100).ToString(CultureInfo.InvariantCulture) : Uri.EscapeDataString(mutation.Odd());
            var request = new HttpRequestMessage(mutation.OneIn(2) ? HttpMethod.Post : HttpMethod.Get, new Uri(mutation.One(places)[1..] + which, UriKind.Relative));
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
            for (int count = mutation.Next(4); count > 0; count--)
            {
                request.Headers.TryAddWithoutValidation(mutation.One(headers), string.Concat(mutation.Odd().Where(c => c is >= ' ' and <= '~').Take(4000)));
            }

            request.Content = request.Method == HttpMethod.Post ? new ByteArrayContent(mutation.Bytes("what an agent sends"u8.ToArray())) : null;
            (int status, string answer) = await SendAsync(request, told);
            Assert.True(status is >= 400 and < 500, $"{told}: {status} {answer}");
        }

        Assert.Equal(before, await fuzzed.SettledStateAsync());
        Assert.True(fuzzed.Errors.Length == 0, $"seed {mutation.Seed}: {fuzzed.Errors}");
    }

    [Theory]
    [InlineData("inputs/missing", """{"hashes":[null]}""")]
    [InlineData("jobs", """{"command":["true"],"timeLimitSeconds":1e999}""")]
    [InlineData("jobs", """{"command":["true"],"graceSeconds":-1e999}""")]
    [InlineData("jobs/batch", """{"jobs":[{"command":["true"],"retry":{"maxDelaySeconds":1e999}}]}""")]
    [InlineData("jobs/1/cancel", """{"graceSeconds":1e999}""")]
    [InlineData("jobs", """{"command":["true"],"environment":{"A":null}}""")]
    [InlineData("arrays", """{"indices":"1-2","job":{"command":["true"],"environment":{"A":null}}}""")]
    [InlineData("workflows", """{"steps":[{"key":"a","job":{"command":["true"],"environment":{"A":null}}}]}""")]
    public async Task What_was_once_answered_as_a_bug_is_refused(string path, string body)
    {
        using HttpResponseMessage response = await _server.PostAsync($"api/v1/{path}", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await EveryRouteTests.OneSentenceAsync(response);
    }

    private async Task<long> StateAsync(int i) => i == 0 ? await fuzzed.SettledStateAsync() : fuzzed.State();

    private HttpRequestMessage Request(Mutation mutation, RouteUnderTest tested, string id)
    {
        HttpRequestMessage request = tested.Request(_server.Token, mutation.OneIn(6) ? Uri.EscapeDataString(mutation.Odd()) : id);
        if (tested.Body is { } body && !mutation.OneIn(10))
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(mutation.Json(mutation.OneIn(2) ? Bodies.Rich(tested.Route) ?? body : body)));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        else if (tested.Operation.Body is not null)
        {
            request.Content = new ByteArrayContent(mutation.Bytes(InputPack.Of("hello"u8)));
        }

        string query = string.Join('&', tested.Operation.Parameters.Where(parameter => parameter.In == "query" && parameter.Name != "follow" && mutation.OneIn(3)) // To follow is to wait for the job.
            .Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(mutation.Odd())}"));
        string path = request.RequestUri!.ToString();
        path = mutation.OneIn(8) ? path + "/" + Uri.EscapeDataString(mutation.Odd()) : path;
        request.RequestUri = new Uri(query.Length == 0 ? path : $"{path}?{query}", UriKind.Relative);
        for (int i = mutation.Next(3); i > 0; i--)
        {
            string value = string.Concat(mutation.Odd().Where(c => c is >= ' ' and <= '~'));
            request.Headers.TryAddWithoutValidation(mutation.One(s_headers), value.Length > 4000 ? value[..4000] : value);
        }

        if (mutation.OneIn(20))
        {
            request.Method = new HttpMethod(mutation.One<string>(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "LINK"]));
        }

        return request;
    }

    private async Task<(int Status, string Answer)> SendAsync(HttpRequestMessage request, string told)
    {
        long began = Stopwatch.GetTimestamp();
        using (request)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90)); // Some wait for up to a minute when they are asked to.
            try
            {
                using HttpResponseMessage response = await _server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
                string answer = (int)response.StatusCode >= 400 ? await response.Content.ReadAsStringAsync(patience.Token) : "";
                return ((int)response.StatusCode, answer);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{told}: no answer for {Stopwatch.GetElapsedTime(began)}");
            }
            catch (HttpRequestException e) when (e.InnerException is FormatException or ArgumentException)
            {
                return (400, "the client did not send it");
            }
        }
    }
}
