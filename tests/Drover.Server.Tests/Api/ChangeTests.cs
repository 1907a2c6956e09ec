using System.Net;
using System.Net.Http.Json;

namespace Drover.Server.Tests.Api;

public sealed class ChangeTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_waiting_job_is_held_altered_and_released()
    {
        JobInfo job = await server.SubmitAsync("""{"command":["true"],"hold":true}""");
        using HttpResponseMessage altered = await PatchAsync(job, """{"priority":3,"timeLimitSeconds":60,"hold":false,"pin":true}""");
        Assert.Equal(HttpStatusCode.OK, altered.StatusCode);
        JobSpec spec = (await altered.Content.ReadFromJsonAsync(ProtocolJson.Default.JobInfo))!.Spec;
        Assert.Equal((3, 60, false, true), (spec.Priority, spec.TimeLimitSeconds, spec.Hold, spec.Pin));
        using HttpResponseMessage response = await server.GetAsync($"api/v1/jobs/{job.Id}/explanation");
        IReadOnlyList<JobEvent> steps = (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.Explanation))!.Steps;
        Assert.Equal(
            ["priority from 0 to 3, time limit from none to 1m", "released", "pinned: its files are kept"],
            steps.Skip(1).Select(step => step.Cause));
    }

    [Theory]
    [InlineData("""{"priority":9999}""")]
    [InlineData("""{"priority":"high"}""")]
    [InlineData("""{"timeLimitSeconds":0}""")]
    [InlineData("""{"cpus":4}""")]
    [InlineData("[]")]
    public async Task A_change_that_makes_no_sense_is_refused_and_nothing_is_changed(string json)
    {
        JobInfo job = await server.SubmitAsync("""{"command":["true"],"hold":true}""");
        using HttpResponseMessage response = await PatchAsync(job, json);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await ApiServer.ProblemAsync(response);
        using HttpResponseMessage now = await server.GetAsync($"api/v1/jobs/{job.Id}");
        Assert.Equal(job.Revision, (await now.Content.ReadFromJsonAsync(ProtocolJson.Default.JobInfo))!.Revision);
    }

    [Fact]
    public async Task What_has_ended_is_a_conflict()
    {
        JobInfo job = await server.SubmitAsync();
        using HttpResponseMessage cancel = await server.PostAsync($"api/v1/jobs/{job.Id}/cancel", null);
        using HttpResponseMessage ended = await server.GetAsync($"api/v1/jobs/{job.Id}?waitSeconds=60&until=ended");
        using HttpResponseMessage refused = await PatchAsync(job, """{"hold":true}""");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal("conflict", (await ApiServer.ProblemAsync(refused)).Code);
    }

    [Fact]
    public async Task The_attempts_of_a_job_are_listed_and_others_have_no_log()
    {
        JobInfo job = await server.SubmitAsync();
        using HttpResponseMessage response = await server.GetAsync($"api/v1/jobs/{job.Id}/attempts");
        AttemptInfo attempt = Assert.Single((await response.Content.ReadFromJsonAsync(ProtocolJson.Default.IReadOnlyListAttemptInfo))!);
        Assert.Equal((1, JobState.Queued), (attempt.Number, attempt.State));
        using HttpResponseMessage log = await server.GetAsync($"api/v1/jobs/{job.Id}/log?attempt=2");
        Assert.Equal(HttpStatusCode.NotFound, log.StatusCode);
        Assert.Contains("no attempt 2", (await ApiServer.ProblemAsync(log)).Detail);
    }

    private Task<HttpResponseMessage> PatchAsync(JobInfo job, string json) =>
        server.SendAsync(HttpMethod.Patch, $"api/v1/jobs/{job.Id}", server.Token, json);
}
