using System.Text;

namespace Drover.EndToEnd.Tests;

/// <summary>What tests ask of a job.</summary>
internal static class Jobs
{
    /// <summary>Returns when it has this state; fails when it has ended instead.</summary>
    internal static async Task<JobInfo> IsAsync(this JobHandle job, JobState state)
    {
        JobInfo info = await job.GetAsync();
        await Eventually.IsTrueAsync(
            async () =>
            {
                Assert.True(info.State == state || info.End is null, $"job {job.Id} has ended: {info.End?.Ending} ({info.End?.Evidence})");
                info = info.State == state ? info : await job.WaitForChangeAsync(info.Revision, TimeSpan.FromSeconds(2));
                return info.State == state;
            },
            $"job {job.Id} to be {state}");
        return info;
    }

    /// <summary>Waits for its end.</summary>
    internal static async Task<JobInfo> EndAsync(this JobHandle job)
    {
        string state = "?";
        using var patience = new CancellationTokenSource(Eventually.Patience);
        try
        {
            return await job.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            JobInfo info = await job.GetAsync();
            state = $"{info.State}: {info.Situation}";
            throw new TimeoutException($"waited in vain for the end of job {job.Id}, which is {state}");
        }
    }

    /// <summary>Waits for its end.</summary>
    internal static async Task<Ending> EndingAsync(this JobHandle job) => (await job.EndAsync()).End!.Ending;

    /// <summary>What it has written.</summary>
    internal static async Task<string> LogAsync(this JobHandle job, OutputKind stream = OutputKind.Output, bool follow = false)
    {
        using var log = new MemoryStream();
        using var patience = new CancellationTokenSource(Eventually.Patience);
        await job.CopyLogAsync(stream, log, follow: follow, cancellationToken: patience.Token);
        return Encoding.UTF8.GetString(log.ToArray());
    }

    /// <summary>The audit trail.</summary>
    internal static async Task<IReadOnlyList<JobEvent>> TrailAsync(this JobHandle job) => (await job.ExplainAsync()).Steps;

    /// <summary>Asserts that the audit trail tells each step once that can only happen once.</summary>
    internal static async Task HasEndedOnceAsync(this JobHandle job)
    {
        IReadOnlyList<JobEvent> trail = await job.TrailAsync();
        JobEventKind[] kinds = [.. trail.Select(step => step.Kind)];
        Assert.Single(kinds, JobEventKind.Submitted);
        Assert.Single(kinds, JobEventKind.Ended);
        Assert.Equal(JobEventKind.Submitted, kinds[0]);
        Assert.Equal(JobEventKind.Ended, kinds[^1]);
        Assert.True(kinds.Count(kind => kind == JobEventKind.Started) <= 1, "started more than once");
        Assert.Equal(trail.Select(step => step.Sequence).Order(), trail.Select(step => step.Sequence));
    }
}
