using System.Net;
using System.Net.Http.Json;

namespace Drover.Server.Tests.Api;

public sealed class ArrayRequestTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task An_array_is_submitted_asked_for_explained_and_canceled_in_one_request_each()
    {
        ArrayInfo array = await SubmitAsync();
        Assert.Equal((1000, 1000, false), (array.Count, array.Queued, array.IsOver));
        using HttpResponseMessage got = await server.GetAsync($"api/v1/arrays/{array.Id}");
        Assert.Equal(array.Id, (await got.Content.ReadFromJsonAsync(ProtocolJson.Default.ArrayInfo))!.Id);
        using HttpResponseMessage explained = await server.GetAsync($"api/v1/arrays/{array.Id}/explanation");
        ArrayExplanation story = (await explained.Content.ReadFromJsonAsync(ProtocolJson.Default.ArrayExplanation))!;
        Assert.Equal("It waits: of 1000 jobs 1000 wait.", story.Summary);
        Assert.Contains(story.Waiting, group => group.What == $"waiting for one of 50 places of array {array.Id}" && group.Count == 950);

        Task<HttpResponseMessage> waiting = server.GetAsync($"api/v1/arrays/{array.Id}?waitSeconds=60&until=ended");
        using HttpResponseMessage cancel = await server.PostAsync($"api/v1/arrays/{array.Id}/cancel", """{"why":"enough"}""");
        Assert.Equal(HttpStatusCode.Accepted, cancel.StatusCode);
        using HttpResponseMessage waited = await waiting;
        ArrayInfo end = (await waited.Content.ReadFromJsonAsync(ProtocolJson.Default.ArrayInfo))!;
        Assert.Equal((true, 1000), (end.IsOver, end.Failed));
        using HttpResponseMessage again = await server.PostAsync($"api/v1/arrays/{array.Id}/cancel", null);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/explanation")]
    [InlineData("GET", "/log")]
    [InlineData("GET", "/files")]
    [InlineData("POST", "/cancel")]
    public async Task A_job_of_an_array_is_named_by_its_place_everywhere(string method, string path)
    {
        ArrayInfo array = await SubmitAsync();
        using HttpResponseMessage byPlace = await server.SendAsync(new HttpMethod(method), $"api/v1/jobs/{array.Id}_3{path}", server.Token);
        using HttpResponseMessage byNumber = await server.SendAsync(new HttpMethod(method), $"api/v1/jobs/{array.FirstJob.Value + 2}{path}", server.Token);
        Assert.True(byPlace.IsSuccessStatusCode);
        Assert.True(byNumber.IsSuccessStatusCode);
        string bob = await server.NewUserAsync("bob" + Guid.NewGuid().ToString("N")[..8]);
        using HttpResponseMessage foreign = await server.SendAsync(new HttpMethod(method), $"api/v1/jobs/{array.Id}_3{path}", bob);
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Equal($"There is no job {array.Id}_3.", (await ApiServer.ProblemAsync(foreign)).Detail);
        using HttpResponseMessage missing = await server.SendAsync(new HttpMethod(method), $"api/v1/jobs/{array.Id}_1001{path}", server.Token);
        Assert.Equal($"There is no job {array.Id}_1001.", (await ApiServer.ProblemAsync(missing)).Detail);
    }

    [Fact]
    public async Task The_number_of_an_array_is_no_jobs()
    {
        ArrayInfo array = await SubmitAsync();
        using HttpResponseMessage response = await server.GetAsync($"api/v1/jobs/{array.Id}");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Problem problem = await ApiServer.ProblemAsync(response);
        Assert.Equal("isArray", problem.Code);
        Assert.Contains($"{array.Id}_1", problem.Detail);
    }

    [Fact]
    public async Task The_jobs_of_an_array_are_listed_by_it()
    {
        ArrayInfo array = await SubmitAsync("1-5");
        await server.SubmitAsync();
        await server.PostAsync($"api/v1/jobs/{array.Id}_2/cancel", null);
        using HttpResponseMessage waited = await server.GetAsync($"api/v1/jobs/{array.Id}_2?waitSeconds=60&until=ended");
        Assert.Equal("5, 4, 3, 2, 1", await ListAsync($"array={array.Id}"));
        Assert.Equal("5, 4", await ListAsync($"array={array.Id}&limit=2"));
        Assert.Equal("2, 1", await ListAsync($"array={array.Id}&before={array.FirstJob.Value + 2}"));
        Assert.Equal("5, 4, 3, 1", await ListAsync($"array={array.Id}&state=unfinished"));
        Assert.Equal("2", await ListAsync($"array={array.Id}&state=ended"));
        using HttpResponseMessage wrong = await server.GetAsync("api/v1/jobs?array=x");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Theory]
    [InlineData("arrays", "")]
    [InlineData("arrays", "{}")]
    [InlineData("arrays", """{"job":{"command":["a"]}}""")]
    [InlineData("arrays", """{"job":{"command":["a"]},"indices":null}""")]
    [InlineData("arrays", """{"job":{"command":["a"]},"indices":"1-3%2"}""")]
    [InlineData("arrays", """{"job":{"command":["a"]},"indices":"-1"}""")]
    [InlineData("arrays", """{"job":{"command":["a"]},"indices":"1-200000"}""")]
    [InlineData("arrays", """{"job":{"command":["a"]},"indices":"1-3","atOnce":-1}""")]
    [InlineData("arrays", """{"job":{"command":["a"],"after":[{"job":999999}]},"indices":"1-3"}""")]
    [InlineData("jobs", """{"command":["a"],"after":[null]}""")]
    [InlineData("jobs", """{"command":["a"],"after":[{"job":0}]}""")]
    [InlineData("jobs", """{"command":["a"],"after":[{"job":1,"when":"perhaps"}]}""")]
    [InlineData("workflows", "{}")]
    [InlineData("workflows", """{"steps":[]}""")]
    [InlineData("workflows", """{"steps":[null]}""")]
    [InlineData("workflows", """{"steps":[{"key":"a","job":{"command":["a"]},"after":[null]}]}""")]
    [InlineData("workflows", """{"steps":[{"key":"a","job":{"command":["a"]},"after":[{"step":"a"}]}]}""")]
    [InlineData("workflows", """{"steps":[{"key":"a","job":{"command":["a"],"after":[null]}}]}""")]
    [InlineData("workflows", """{"steps":[{"key":"a","job":null}]}""")]
    public async Task What_makes_no_sense_is_refused_in_a_sentence_and_nothing_is_stored(string path, string json)
    {
        JobInfo before = await server.SubmitAsync();
        using HttpResponseMessage response = await server.PostAsync($"api/v1/{path}", json);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await ApiServer.ProblemAsync(response);
        Assert.Equal(before.Id.Value + 1, (await server.SubmitAsync()).Id.Value);
    }

    [Fact]
    public async Task A_workflow_is_submitted_with_its_numbers_as_the_answer()
    {
        using HttpResponseMessage response = await server.PostAsync(
            "api/v1/workflows",
            """{"name":"study","steps":[{"key":"b","job":{"command":["b"]},"after":[{"step":"a"}]},{"key":"a","job":{"command":["a"]},"indices":"1-3"}]}""");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        WorkflowInfo accepted = (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.WorkflowInfo))!;
        Assert.Equal(accepted.Steps["a"].Value + 4, accepted.Steps["b"].Value);
        using HttpResponseMessage explained = await server.GetAsync($"api/v1/jobs/{accepted.Steps["b"]}/explanation");
        Explanation story = (await explained.Content.ReadFromJsonAsync(ProtocolJson.Default.Explanation))!;
        Assert.Equal("submitted to site 'local', as step 'b' of workflow 'study'", story.Steps[0].Cause);
        Assert.Contains($"waiting for array {accepted.Steps["a"]} to succeed", story.Summary);
        Assert.Contains($"drover explain {accepted.Steps["a"]} tells what that waits for", story.Advice);
    }

    [Fact]
    public async Task An_array_that_is_submitted_again_with_its_key_is_the_same()
    {
        var ids = new List<JobId>();
        foreach (bool isReplay in (bool[])[false, true])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("api/v1/arrays", UriKind.Relative));
            request.Headers.Authorization = new("Bearer", server.Token);
            request.Headers.Add("Idempotency-Key", "array-1");
            request.Content = new StringContent(Spec("1-3"), System.Text.Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await server.Http.SendAsync(request);
            ids.Add((await response.Content.ReadFromJsonAsync(ProtocolJson.Default.ArrayInfo))!.Id);
            Assert.Equal(isReplay, response.Headers.Contains("Idempotent-Replay"));
        }

        Assert.Equal(ids[0], ids[1]);
    }

    private static string Spec(string indices) => $$"""{"job":{"command":["/bin/true"]},"indices":"{{indices}}","atOnce":50}""";

    private async Task<ArrayInfo> SubmitAsync(string indices = "1-1000")
    {
        using HttpResponseMessage response = await server.PostAsync("api/v1/arrays", Spec(indices));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        ArrayInfo array = (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.ArrayInfo))!;
        Assert.Equal($"/api/v1/arrays/{array.Id}", response.Headers.Location?.ToString());
        return array;
    }

    private async Task<string> ListAsync(string query)
    {
        using HttpResponseMessage response = await server.GetAsync($"api/v1/jobs?{query}");
        return string.Join(", ", (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.JobList))!.Jobs.Select(job => job.Array!.Index));
    }
}
