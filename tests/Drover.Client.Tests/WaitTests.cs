namespace Drover.Client.Tests;

public sealed class WaitTests : ClientTest
{
    [Fact]
    public async Task Waiting_asks_again_until_the_job_has_ended()
    {
        Server.OnJob(SomeJobs.Running(), SomeJobs.Running(), SomeJobs.Ended(ending: new Ending.Exited(3)));
        Assert.Equal(3, (await Job.WaitAsync()).End!.Ending.ExitCode);
        Assert.Equal(3, Server.Requests.Count(r => r == "GET /api/v1/jobs/1?waitSeconds=30&until=ended"));
    }

    [Fact]
    public async Task Waiting_goes_on_when_the_server_comes_back_elsewhere()
    {
        await using FakeServer successor = await FakeServer.StartAsync();
        successor.OnJob(SomeJobs.Ended());
        Server.On("GET /api/v1/jobs/1", Answers.Break);
        var notices = new List<DroverException?>();
        using DroverClient client = NewClient(o => o with
        {
            RetryFor = TimeSpan.Zero,
            FindServer = () => successor.Url,
            OnRetry = notices.Add,
        });
        JobInfo job = await client.Job(new JobId(1)).WaitAsync();
        Assert.NotNull(job.End);
        Assert.IsType<ServerUnreachableException>(notices[0]);
        Assert.Null(notices[^1]);
    }

    [Fact]
    public async Task Waiting_ends_with_an_error_when_the_patience_does()
    {
        Server.On("GET /api/v1/jobs/1", Answers.Break);
        using DroverClient client = NewClient(o => o with { ReconnectFor = TimeSpan.FromMilliseconds(100) });
        await Assert.ThrowsAsync<ServerUnreachableException>(() => client.Job(new JobId(1)).WaitAsync());
        Assert.True(Server.Requests.Count > 1);
    }

    [Fact]
    public async Task A_canceled_token_ends_the_wait()
    {
        using var cancel = new CancellationTokenSource();
        Server.On("GET /api/v1/jobs/1", Answers.After(cancel.Cancel, Answers.Never));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Job.WaitAsync(cancel.Token));
    }

    [Fact]
    public async Task A_job_that_is_not_there_ends_the_wait() =>
        await Assert.ThrowsAsync<JobNotFoundException>(() => Job.WaitAsync());
}
