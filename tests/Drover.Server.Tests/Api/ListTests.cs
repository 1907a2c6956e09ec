using System.Net;
using System.Net.Http.Json;

namespace Drover.Server.Tests.Api;

public sealed class ListTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Jobs_are_listed_by_state_name_and_site()
    {
        string token = await server.NewUserAsync("user" + Guid.NewGuid().ToString("N")[..8]);
        JobInfo one = await server.SubmitAsync("""{"command":["true"],"name":"frame 1"}""", token);
        JobInfo two = await server.SubmitAsync("""{"command":["true"],"name":"frame 2"}""", token);
        using HttpResponseMessage cancel = await server.SendAsync(HttpMethod.Post, $"api/v1/jobs/{two.Id}/cancel", token);
        using HttpResponseMessage ended = await server.SendAsync(HttpMethod.Get, $"api/v1/jobs/{two.Id}?waitSeconds=30&until=ended", token);
        await ListsAsync("", [two, one]);
        await ListsAsync("state=queued", [one]);
        await ListsAsync("state=canceled", [two]);
        await ListsAsync("state=running", []);
        await ListsAsync("name=frame*", [two, one]);
        await ListsAsync("name=%3Frame%202", [two]);
        await ListsAsync("name=frame", []);
        await ListsAsync("site=local&state=ended&sort=ended", [two]);
        await ListsAsync("site=mars", []);

        async Task ListsAsync(string query, JobInfo[] expected)
        {
            using HttpResponseMessage response = await server.SendAsync(HttpMethod.Get, $"api/v1/jobs?{query}", token);
            Assert.Equal(expected.Select(job => job.Id), (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.JobList))!.Jobs.Select(job => job.Id));
        }
    }

    [Fact]
    public async Task Unfinished_jobs_are_listed_as_they_are_served()
    {
        string token = await server.NewUserAsync("user" + Guid.NewGuid().ToString("N")[..8]);
        var jobs = new List<JobInfo>();
        foreach (int priority in (int[])[0, 5, -3, 5])
        {
            jobs.Add(await server.SubmitAsync($$"""{"command":["true"],"priority":{{priority}}}""", token));
        }

        JobId[] expected = [jobs[1].Id, jobs[3].Id, jobs[0].Id, jobs[2].Id];
        var seen = new List<JobId>();
        string before = "";
        while (seen.Count < 4)
        {
            using HttpResponseMessage response = await server.SendAsync(HttpMethod.Get, $"api/v1/jobs?sort=priority&limit=2{before}", token);
            JobList page = (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.JobList))!;
            Assert.Equal(2, page.Jobs.Count);
            seen.AddRange(page.Jobs.Select(job => job.Id));
            before = $"&before={page.Next}";
        }

        Assert.Equal(expected, seen);
    }

    [Theory]
    [InlineData("sort=ended&state=running")]
    [InlineData("sort=ended&user=all")]
    [InlineData("sort=priority&state=ended")]
    [InlineData("sort=priority&state=signaled")]
    [InlineData("sort=random")]
    [InlineData("state=dead")]
    [InlineData("name=*a*a*a*a*a*a*a*a*b")]
    public async Task A_list_that_cannot_be_had_is_refused(string query)
    {
        using HttpResponseMessage response = await server.GetAsync($"api/v1/jobs?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await EveryRouteTests.OneSentenceAsync(response);
    }

    [Fact]
    public async Task Others_are_listed_for_administrators_alone()
    {
        string name = "user" + Guid.NewGuid().ToString("N")[..8];
        string token = await server.NewUserAsync(name);
        JobInfo job = await server.SubmitAsync(token: token);
        using HttpResponseMessage seen = await server.GetAsync($"api/v1/jobs?user={name}");
        Assert.Equal(job.Id, Assert.Single((await seen.Content.ReadFromJsonAsync(ProtocolJson.Default.JobList))!.Jobs).Id);
        foreach (string other in (string[])["all", "root", "nobody"])
        {
            using HttpResponseMessage refused = await server.SendAsync(HttpMethod.Get, $"api/v1/jobs?user={other}", token);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }

    [Fact]
    public async Task What_has_not_changed_is_not_sent_again()
    {
        JobInfo job = await server.SubmitAsync();
        foreach (string path in (string[])[$"api/v1/jobs/{job.Id}", "api/v1/jobs"])
        {
            using HttpResponseMessage first = await server.GetAsync(path);
            string tag = first.Headers.ETag!.ToString();
            using HttpResponseMessage same = await IfAsync(HttpMethod.Get, path, "If-None-Match", $"\"other\", {tag}");
            Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
            Assert.Equal(tag, same.Headers.ETag!.ToString());
            Assert.Empty(await same.Content.ReadAsByteArrayAsync());
            using HttpResponseMessage changed = await IfAsync(HttpMethod.Patch, $"api/v1/jobs/{job.Id}", "If-Match", "*", $$"""{"priority":{{Random.Shared.Next(1, 900)}}}""");
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
            using HttpResponseMessage another = await IfAsync(HttpMethod.Get, path, "If-None-Match", tag);
            Assert.Equal(HttpStatusCode.OK, another.StatusCode);
        }
    }

    [Fact]
    public async Task A_file_that_is_known_is_not_sent_again()
    {
        await using AgentInTest agent = await AgentInTest.ConnectAsync(server, "known");
        string path = $"api/v1/jobs/{await agent.RunAsync()}/files/a.txt";
        foreach (string known in (string[])[AgentInTest.Tag, $"\"other\", {AgentInTest.Tag}", $"W/{AgentInTest.Tag}", "*"])
        {
            using HttpResponseMessage same = await IfAsync(HttpMethod.Get, path, "If-None-Match", known);
            Assert.Equal((HttpStatusCode.NotModified, AgentInTest.Tag), (same.StatusCode, same.Headers.ETag!.ToString()));
        }

        using HttpResponseMessage another = await IfAsync(HttpMethod.Get, path, "If-None-Match", "\"other\", W/\"3e8-b\"");
        Assert.Equal(HttpStatusCode.OK, another.StatusCode);
    }

    [Fact]
    public async Task A_change_is_answered_with_what_became_of_it_whatever_is_known()
    {
        JobInfo job = await server.SubmitAsync();
        using HttpResponseMessage changed = await IfAsync(HttpMethod.Patch, $"api/v1/jobs/{job.Id}", "If-None-Match", "*", """{"priority":7}""");
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal(7, (await changed.Content.ReadFromJsonAsync(ProtocolJson.Default.JobInfo))!.Spec.Priority);
        using HttpResponseMessage known = await IfAsync(HttpMethod.Get, $"api/v1/jobs/{job.Id}", "If-None-Match", "*");
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
    }

    [Fact]
    public async Task An_array_that_somebody_else_changed_is_not_changed_and_one_whose_jobs_went_on_is()
    {
        using HttpResponseMessage submitted = await server.PostAsync("api/v1/arrays", """{"job":{"command":["true"],"hold":true},"indices":"1-3"}""");
        ArrayInfo array = (await submitted.Content.ReadFromJsonAsync(ProtocolJson.Default.ArrayInfo))!;
        string path = $"api/v1/arrays/{array.Id}";
        using HttpResponseMessage first = await server.GetAsync(path);
        string tag = first.Headers.ETag!.ToString();
        using HttpResponseMessage canceled = await server.PostAsync($"api/v1/jobs/{array.FirstJob}/cancel", null);
        using HttpResponseMessage ended = await server.GetAsync($"api/v1/jobs/{array.FirstJob}?waitSeconds=60&until=ended");
        using HttpResponseMessage other = await server.GetAsync(path);
        Assert.NotEqual(tag, other.Headers.ETag!.ToString());

        using HttpResponseMessage changed = await IfAsync(HttpMethod.Patch, path, "If-Match", tag, """{"priority":3}""");
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        using HttpResponseMessage late = await IfAsync(HttpMethod.Patch, path, "If-Match", tag, """{"priority":4}""");
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
        Assert.Equal($"Array {array.Id} has changed since: look at it again, and then decide.", (await ApiServer.ProblemAsync(late)).Detail);
        using HttpResponseMessage again = await IfAsync(HttpMethod.Patch, path, "If-Match", changed.Headers.ETag!.ToString(), """{"atOnce":1}""");
        Assert.Equal((HttpStatusCode.OK, 3), (again.StatusCode, (await again.Content.ReadFromJsonAsync(ProtocolJson.Default.ArrayInfo))!.Spec.Job.Priority));
    }

    [Fact]
    public async Task Of_many_who_change_what_they_saw_at_the_same_time_one_does()
    {
        JobInfo job = await server.SubmitAsync();
        string path = $"api/v1/jobs/{job.Id}";
        using HttpResponseMessage first = await server.GetAsync(path);
        string tag = first.Headers.ETag!.ToString();
        HttpResponseMessage[] answers = await Task.WhenAll(
            Enumerable.Range(1, 20).Select(i => IfAsync(HttpMethod.Patch, path, "If-Match", tag, $$"""{"priority":{{i}}}""")));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(19, answers.Count(answer => answer.StatusCode == HttpStatusCode.PreconditionFailed));
        Array.ForEach(answers, answer => answer.Dispose());
    }

    [Fact]
    public async Task A_job_that_has_changed_since_is_not_changed()
    {
        JobInfo job = await server.SubmitAsync();
        string path = $"api/v1/jobs/{job.Id}";
        using HttpResponseMessage first = await server.GetAsync(path);
        string tag = first.Headers.ETag!.ToString();
        using HttpResponseMessage change = await IfAsync(HttpMethod.Patch, path, "If-Match", tag, """{"priority":1}""");
        Assert.Equal(HttpStatusCode.OK, change.StatusCode);
        using HttpResponseMessage late = await IfAsync(HttpMethod.Patch, path, "If-Match", tag, """{"priority":2}""");
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
        await EveryRouteTests.OneSentenceAsync(late);
        using HttpResponseMessage now = await server.GetAsync(path);
        Assert.Equal(1, (await now.Content.ReadFromJsonAsync(ProtocolJson.Default.JobInfo))!.Spec.Priority);
    }

    [Fact]
    public async Task Whatever_can_be_got_can_be_asked_about()
    {
        JobInfo job = await server.SubmitAsync();
        foreach (RouteUnderTest route in RouteUnderTest.All.Where(route => route.Method == HttpMethod.Get && route.Pattern.Count('{') <= 1 && !route.Pattern.Contains("{**", StringComparison.Ordinal)))
        {
            using HttpResponseMessage response = await server.SendAsync(HttpMethod.Head, route.Path(job.Id.ToString()), server.Token).WaitAsync(TimeSpan.FromSeconds(30));
            Assert.NotEqual(HttpStatusCode.MethodNotAllowed, response.StatusCode);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        }
    }

    private async Task<HttpResponseMessage> IfAsync(HttpMethod method, string path, string header, string value, string? json = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Add("Authorization", $"Bearer {server.Token}");
        request.Headers.TryAddWithoutValidation(header, value);
        if (json is not null)
        {
            request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        }

        return await server.Http.SendAsync(request);
    }
}
