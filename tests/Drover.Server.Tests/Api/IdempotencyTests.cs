using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace Drover.Server.Tests.Api;

public sealed class IdempotencyTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Spec = """{"command":["/bin/true"]}""";

    [Fact]
    public async Task The_same_submit_with_the_same_key_makes_one_job()
    {
        string key = NewKey();
        using HttpResponseMessage first = await SendAsync("api/v1/jobs", Spec, key);
        using HttpResponseMessage again = await SendAsync("api/v1/jobs", """{ "site": "local", "command": ["/bin/true"] }""", key);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        JobInfo job = await JobAsync(first);
        Assert.Equal(job.Id, (await JobAsync(again)).Id);
        Assert.False(first.Headers.Contains("Idempotent-Replay"));
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replay").Single());
        using HttpResponseMessage without = await server.PostAsync("api/v1/jobs", Spec);
        Assert.NotEqual(job.Id, (await JobAsync(without)).Id);
    }

    [Fact]
    public async Task A_replay_shows_the_job_as_it_is_now()
    {
        string key = NewKey();
        using HttpResponseMessage first = await SendAsync("api/v1/jobs", Spec, key);
        JobInfo job = await JobAsync(first);
        using HttpResponseMessage cancel = await server.PostAsync($"api/v1/jobs/{job.Id}/cancel", null);
        using HttpResponseMessage ended = await server.GetAsync($"api/v1/jobs/{job.Id}?waitSeconds=60&until=ended");
        using HttpResponseMessage again = await SendAsync("api/v1/jobs", Spec, key);
        Assert.Equal(JobState.Ended, (await JobAsync(again)).State);
    }

    [Fact]
    public async Task The_same_key_for_something_else_is_refused_and_nothing_is_stored()
    {
        string key = NewKey();
        using HttpResponseMessage first = await SendAsync("api/v1/jobs", Spec, key);
        foreach ((string path, string json) in ((string, string)[])[
            ("api/v1/jobs", """{"command":["/bin/false"]}"""), ("api/v1/jobs/batch", """{"jobs":[{"command":["/bin/true"]}]}""")])
        {
            using HttpResponseMessage other = await SendAsync(path, json, key);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
            Assert.Equal("keyReused", (await ApiServer.ProblemAsync(other)).Code);
        }

        using HttpResponseMessage list = await server.GetAsync("api/v1/jobs?limit=1");
        Assert.Equal((await JobAsync(first)).Id, (await list.Content.ReadFromJsonAsync(ProtocolJson.Default.JobList))!.Jobs[0].Id);
    }

    [Fact]
    public async Task The_order_of_variables_does_not_matter()
    {
        string key = NewKey();
        using HttpResponseMessage first = await SendAsync("api/v1/jobs", """{"command":["a"],"environment":{"A":"1","B":"2"}}""", key);
        using HttpResponseMessage again = await SendAsync("api/v1/jobs", """{"environment":{"B":"2","A":"1"},"command":["a"]}""", key);
        Assert.Equal((await JobAsync(first)).Id, (await JobAsync(again)).Id);
    }

    [Fact]
    public async Task Requests_with_one_key_at_the_same_time_make_one_job()
    {
        string key = NewKey();
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SendAsync("api/v1/jobs", Spec, key)));
        JobInfo[] jobs = await Task.WhenAll(answers.Select(JobAsync));
        Assert.Single(jobs.Select(job => job.Id).Distinct());
        Assert.Equal(1, answers.Count(answer => !answer.Headers.Contains("Idempotent-Replay")));
        Array.ForEach(answers, answer => answer.Dispose());
    }

    [Fact]
    public async Task A_batch_has_one_key_for_all()
    {
        string key = NewKey();
        const string Batch = """{"jobs":[{"command":["a"]},{"command":["b"]}]}""";
        using HttpResponseMessage first = await SendAsync("api/v1/jobs/batch", Batch, key);
        using HttpResponseMessage again = await SendAsync("api/v1/jobs/batch", Batch, key);
        Assert.Equal(await IdsAsync(first), await IdsAsync(again));
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replay").Single());
    }

    [Fact]
    public async Task Everybody_has_keys_of_their_own()
    {
        string key = NewKey();
        string bob = await server.NewUserAsync("bob" + Guid.NewGuid().ToString("N")[..8]);
        using HttpResponseMessage mine = await SendAsync("api/v1/jobs", Spec, key);
        using HttpResponseMessage his = await SendAsync("api/v1/jobs", Spec, key, bob);
        Assert.NotEqual((await JobAsync(mine)).Id, (await JobAsync(his)).Id);
    }

    [Fact]
    public async Task A_refused_submit_leaves_its_key_free()
    {
        string key = NewKey();
        using HttpResponseMessage refused = await SendAsync("api/v1/jobs", """{"command":[]}""", key);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        using HttpResponseMessage accepted = await SendAsync("api/v1/jobs", Spec, key);
        Assert.Equal(HttpStatusCode.Created, accepted.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("t\tab")]
    [InlineData(256)]
    public async Task A_key_that_is_none_is_refused(object key)
    {
        using HttpResponseMessage response = await SendAsync("api/v1/jobs", Spec, key as string ?? new string('x', (int)key));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("Idempotency-Key", (await ApiServer.ProblemAsync(response)).Detail);
    }

    [Fact]
    public async Task A_batch_of_ten_thousand_is_accepted_and_one_more_is_not()
    {
        string jobs = string.Join(',', Enumerable.Repeat("""{"command":["/bin/echo","a word and another one"]}""", 10_000));
        using HttpResponseMessage accepted = await server.PostAsync("api/v1/jobs/batch", $$"""{"jobs":[{{jobs}}]}""");
        Assert.Equal(10_000, (await IdsAsync(accepted)).Count);
        using HttpResponseMessage refused = await server.PostAsync("api/v1/jobs/batch", $$"""{"jobs":[{{jobs}},{"command":["x"]}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    private static string NewKey() => Guid.NewGuid().ToString();

    private static async Task<JobInfo> JobAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.JobInfo))!;

    private static async Task<IReadOnlyList<JobId>> IdsAsync(HttpResponseMessage response) =>
        [.. (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.JobList))!.Jobs.Select(job => job.Id)];

    private async Task<HttpResponseMessage> SendAsync(string path, string json, string key, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? server.Token);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        return await server.Http.SendAsync(request);
    }
}
