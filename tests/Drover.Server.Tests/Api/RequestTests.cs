using System.Net;
using System.Net.Http.Json;

namespace Drover.Server.Tests.Api;

public sealed class RequestTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Theory]
    [InlineData("api/v1/users", """{"name":"eve"}""")]
    [InlineData("api/v1/server/stop", null)]
    [InlineData("api/v1/agents", """{"site":"x","user":"root"}""")]
    public async Task What_only_administrators_may_do_is_refused_to_others(string path, string? json)
    {
        string bob = await server.NewUserAsync("bob" + Guid.NewGuid().ToString("N")[..8]);
        using HttpResponseMessage response = await server.SendAsync(HttpMethod.Post, path, bob, json);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"run\"")]
    [InlineData("{}")]
    [InlineData("""{"command":"ls"}""")]
    [InlineData("""{"command":null}""")]
    [InlineData("""{"command":[1]}""")]
    [InlineData("""{"command":[null]}""")]
    [InlineData("""{"command":["ls"],"cpu":2}""")]
    [InlineData("""{"command":["ls"],"cpus":"2"}""")]
    [InlineData("""{"command":["ls"],"cpus":99999999999}""")]
    [InlineData("""{"command":["ls"],"cpus":100000}""")]
    [InlineData("""{"command":["ls"],"timeLimitSeconds":-1}""")]
    [InlineData("""{"command":["ls"],"environment":{"A":null}}""")]
    [InlineData("""{"command":["ls"],"site":"mars"}""")]
    [InlineData("""{"command":["ls"],"site":null}""")]
    [InlineData("""{"command":["ls"],"retry":{"retries":-1}}""")]
    [InlineData("""{"command":["ls"],"retry":{"on":["bad luck"]}}""")]
    [InlineData("""{"command":["ls"],"retry":{"on":[null]}}""")]
    public async Task A_job_that_makes_no_sense_is_refused_in_a_sentence_and_nothing_is_stored(string json)
    {
        JobInfo before = await server.SubmitAsync();
        using HttpResponseMessage response = await server.PostAsync("api/v1/jobs", json);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await ApiServer.ProblemAsync(response);
        using HttpResponseMessage list = await server.GetAsync("api/v1/jobs?limit=1");
        Assert.Equal(before.Id, (await list.Content.ReadFromJsonAsync(ProtocolJson.Default.JobList))!.Jobs[0].Id);
    }

    [Fact]
    public async Task A_reason_that_no_message_could_carry_is_refused_and_nothing_is_canceled()
    {
        JobInfo job = await server.SubmitAsync();
        using HttpResponseMessage answer = await server.PostAsync(
            $"api/v1/jobs/{job.Id}/cancel", $$"""{"why":"{{new string((char)120, 100_000)}}"}""");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        await EveryRouteTests.OneSentenceAsync(answer);
        using HttpResponseMessage now = await server.GetAsync($"api/v1/jobs/{job.Id}");
        Assert.Null((await now.Content.ReadFromJsonAsync(ProtocolJson.Default.JobInfo))!.CancelRequestedBy);
    }

    [Fact]
    public async Task What_is_too_long_is_refused_with_the_numbers()
    {
        using HttpResponseMessage spec = await server.PostAsync("api/v1/jobs", $$"""{"command":["echo","{{new string('x', 60_000)}}"]}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, spec.StatusCode);
        Assert.Contains("48 KiB", (await ApiServer.ProblemAsync(spec)).Detail);
        using HttpResponseMessage body = await server.PostAsync("api/v1/jobs", $$"""{"command":["echo","{{new string('x', 1_100_000)}}"]}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, body.StatusCode);
    }

    [Fact]
    public async Task A_batch_is_accepted_as_a_whole_or_not_at_all()
    {
        using HttpResponseMessage accepted = await server.PostAsync(
            "api/v1/jobs/batch", """{"jobs":[{"command":["a"]},{"command":["b"],"name":"second"}]}""");
        Assert.Equal(HttpStatusCode.Created, accepted.StatusCode);
        IReadOnlyList<JobInfo> jobs = (await accepted.Content.ReadFromJsonAsync(ProtocolJson.Default.JobList))!.Jobs;
        Assert.Equal(["a", "second"], jobs.Select(job => job.Name));
        Assert.Equal(jobs[0].Id.Value + 1, jobs[1].Id.Value);

        using HttpResponseMessage refused = await server.PostAsync("api/v1/jobs/batch", """{"jobs":[{"command":["a"]},{"command":[]}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        using HttpResponseMessage list = await server.GetAsync("api/v1/jobs?limit=1");
        Assert.Equal(jobs[1].Id, (await list.Content.ReadFromJsonAsync(ProtocolJson.Default.JobList))!.Jobs[0].Id);
    }

    [Theory]
    [InlineData("api/v1/jobs/0")]
    [InlineData("api/v1/jobs/-1")]
    [InlineData("api/v1/jobs/x")]
    [InlineData("api/v1/jobs/99999999999999999999")]
    [InlineData("api/v1/nothing")]
    [InlineData("nothing")]
    public async Task What_is_not_there_is_answered_as_not_found(string path)
    {
        using HttpResponseMessage response = await server.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        await ApiServer.ProblemAsync(response);
    }

    [Theory]
    [InlineData("api/v1/jobs?limit=0")]
    [InlineData("api/v1/jobs?limit=x")]
    [InlineData("api/v1/jobs?limit=1e9")]
    [InlineData("api/v1/jobs?state=maybe")]
    [InlineData("api/v1/jobs?before=x")]
    [InlineData("api/v1/jobs/1?waitSeconds=99999")]
    [InlineData("api/v1/jobs/1?waitSeconds=1&until=never")]
    [InlineData("api/v1/jobs/1/log?stream=other")]
    [InlineData("api/v1/jobs/1/log?offset=1.5")]
    [InlineData("api/v1/jobs/1/log?attempt=0")]
    [InlineData("api/v1/jobs/1/log?attempt=first")]
    [InlineData("api/v1/jobs/1/log?follow=perhaps")]
    public async Task A_query_that_makes_no_sense_is_refused_in_a_sentence(string path)
    {
        using HttpResponseMessage response = await server.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await ApiServer.ProblemAsync(response);
    }

    [Fact]
    public async Task Pages_follow_one_another_without_a_gap()
    {
        for (int i = 0; i < 5; i++)
        {
            await server.SubmitAsync();
        }

        var ids = new List<JobId>();
        JobId? next = null;
        do
        {
            using HttpResponseMessage response = await server.GetAsync($"api/v1/jobs?limit=2{(next is { } id ? $"&before={id}" : "")}");
            JobList page = (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.JobList))!;
            ids.AddRange(page.Jobs.Select(job => job.Id));
            next = page.Next;
        }
        while (next is not null);
        Assert.Equal(ids.OrderDescending(), ids);
        Assert.Equal(ids.Distinct().Count(), ids.Count);
        Assert.Equal(ids[0].Value - ids[^1].Value + 1, ids.Count);
    }

    [Fact]
    public async Task A_job_that_never_started_has_an_empty_log_and_no_files()
    {
        JobInfo job = await server.SubmitAsync();
        using HttpResponseMessage log = await server.GetAsync($"api/v1/jobs/{job.Id}/log");
        Assert.Equal(HttpStatusCode.OK, log.StatusCode);
        Assert.Empty(await log.Content.ReadAsByteArrayAsync());
        using HttpResponseMessage files = await server.GetAsync($"api/v1/jobs/{job.Id}/files");
        Assert.Empty((await files.Content.ReadFromJsonAsync(ProtocolJson.Default.FileList))!.Entries);
        using HttpResponseMessage file = await server.GetAsync($"api/v1/jobs/{job.Id}/files/x");
        Assert.Equal(HttpStatusCode.NotFound, file.StatusCode);
    }

    [Fact]
    public async Task Waiting_for_a_change_ends_with_the_change()
    {
        JobInfo job = await server.SubmitAsync();
        Task<HttpResponseMessage> waiting = server.GetAsync($"api/v1/jobs/{job.Id}?waitSeconds=60&until=ended");
        using HttpResponseMessage cancel = await server.PostAsync($"api/v1/jobs/{job.Id}/cancel", """{"why":"enough"}""");
        Assert.Equal(HttpStatusCode.Accepted, cancel.StatusCode);
        using HttpResponseMessage response = await waiting;
        JobInfo end = (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.JobInfo))!;
        Assert.Equal("enough", Assert.IsType<Ending.Canceled>(end.End!.Ending).Why);
        using HttpResponseMessage again = await server.PostAsync($"api/v1/jobs/{job.Id}/cancel", null);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        using HttpResponseMessage explained = await server.GetAsync($"api/v1/jobs/{job.Id}/explanation");
        Explanation story = (await explained.Content.ReadFromJsonAsync(ProtocolJson.Default.Explanation))!;
        Assert.Equal([JobEventKind.Submitted, JobEventKind.CancelRequested, JobEventKind.Ended], story.Steps.Select(step => step.Kind));
    }

    [Fact]
    public async Task An_agents_door_is_closed_to_users_and_to_plain_requests()
    {
        using HttpResponseMessage user = await server.GetAsync("agent/v1/connect");
        Assert.Equal(HttpStatusCode.Forbidden, user.StatusCode);
        using HttpResponseMessage stream = await server.PostAsync("agent/v1/streams/1", "x");
        Assert.Equal(HttpStatusCode.Forbidden, stream.StatusCode);
        string agent = await server.NewAgentAsync("far");
        using HttpResponseMessage plain = await server.SendAsync(HttpMethod.Get, "agent/v1/connect", agent);
        Assert.Equal(HttpStatusCode.BadRequest, plain.StatusCode);
        using HttpResponseMessage stale = await server.SendAsync(HttpMethod.Post, "agent/v1/streams/1", agent, "x");
        Assert.Equal(HttpStatusCode.Gone, stale.StatusCode);
    }
}
