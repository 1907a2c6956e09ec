namespace Drover.EndToEnd.Tests;

public sealed class StressTests
{
    private const int Jobs = 200;

    [Fact]
    public async Task Many_jobs_at_once_all_succeed_and_never_take_more_than_there_is()
    {
        await using var drover = new Installation();
        await drover.InitializeAsync();
        JobHandle[] jobs = await Task.WhenAll(Enumerable.Range(0, Jobs).Select(_ => drover.SubmitAsync("/bin/true")));
        Assert.Equal(Jobs, jobs.Select(job => job.Id).Distinct().Count());

        JobInfo[] ends = await Task.WhenAll(jobs.Select(job => job.EndAsync()));
        Assert.All(ends, job => Assert.Equal(new Ending.Exited(0), job.End!.Ending));
        Assert.All(ends, job => Assert.True(job.StartedAt is not null && job.ProcessId is not null, $"when job {job.Id} started is not told"));
        SiteInfo site = Assert.Single(await drover.Client.ListSitesAsync());
        Assert.Equal((site.Cpus, 0), (site.FreeCpus, site.Waiting));
        Assert.Equal(0, (await drover.Client.GetServerAsync()).UnfinishedJobs);
        Assert.True(MostAtOnce(ends) <= site.Cpus, $"{MostAtOnce(ends)} at once on {site.Cpus} CPUs");

        foreach (JobHandle job in jobs)
        {
            Assert.Equal(
                [JobEventKind.Submitted, JobEventKind.Dispatched, JobEventKind.Started, JobEventKind.Ended],
                (await job.TrailAsync()).Select(step => step.Kind));
        }
    }

    private static int MostAtOnce(IEnumerable<JobInfo> jobs)
    {
        int now = 0;
        return jobs
            .SelectMany(job => new[] { (At: job.StartedAt!.Value, Step: 1), (job.End!.At, Step: -1) })
            .OrderBy(moment => moment.At)
            .ThenBy(moment => moment.Step)
            .Max(moment => now += moment.Step);
    }
}
