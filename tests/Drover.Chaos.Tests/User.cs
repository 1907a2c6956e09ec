using System.Collections.Concurrent;

namespace Drover.Chaos.Tests;

/// <summary>Submits the errands, cancels and follows some, and keeps what Drover has answered.</summary>
internal sealed class User(ChaosSetting setting)
{
    private readonly ConcurrentDictionary<JobId, Ending> _heard = [];
    private readonly ConcurrentDictionary<Errand, TaskCompletionSource<JobId>> _submitted = [];

    /// <summary>The jobs that were accepted; of an array all.</summary>
    internal ConcurrentDictionary<JobId, Errand> Accepted { get; } = [];

    /// <summary>Submits that were refused: there must be no job of this name.</summary>
    internal ConcurrentBag<string> Refused { get; } = [];

    /// <summary>What was heard of jobs while they ran: standard output, to the end.</summary>
    internal ConcurrentDictionary<JobId, Task<byte[]>> Followed { get; } = [];

    /// <summary>Endings that were told early, and another one later.</summary>
    internal ConcurrentBag<string> Retold { get; } = [];

    private DroverClient Client => setting.Drover.Client;

    /// <summary>Returns when all are submitted, and canceled that are to be.</summary>
    internal async Task RunAsync(IReadOnlyList<Errand> errands, TimeSpan time, CancellationToken end)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(end);
        Task listening = ListenAsync(done.Token);
        await Task.WhenAll(errands.Select(errand => RunAsync(errand, errand.At * time, end)));
        await done.CancelAsync();
        await listening;
    }

    /// <summary>Compares with what was told of this job before.</summary>
    internal void Hear(JobInfo job)
    {
        if (job.End is { } end && _heard.GetOrAdd(job.Id, end.Ending) is var first && first != end.Ending)
        {
            Retold.Add($"job {job.Id} was said to have {first}, and then to have {end.Ending}");
        }
    }

    /// <summary>How many jobs ended how, for who reads the report.</summary>
    internal string Endings() => string.Join(", ", _heard.Values.GroupBy(ending => ending.GetType().Name).Select(endings => $"{endings.Count()} {endings.Key}"));

    private async Task RunAsync(Errand errand, TimeSpan at, CancellationToken end)
    {
        await Task.Delay(at, end);
        JobSpec spec = errand.Spec;
        if (errand.After is { } first)
        {
            spec = spec with { After = [new Dependency(await SubmittedAs(first).Task.WaitAsync(end))] };
        }

        JobId id = await SubmitAsync(errand with { Spec = spec }, end);
        SubmittedAs(errand).SetResult(id);
        if (errand.IsFollowed)
        {
            Followed[id] = FollowAsync(Client.Job(id), end);
        }

        if (errand.CancelAfter is { } time)
        {
            await Task.Delay(time, end);
            setting.Chronicle.Cancels(errand.Name);
            await UntilDoneAsync(() => Client.Job(id).CancelAsync(new CancelRequest { Why = "chaos" }, end), end);
        }
    }

    private TaskCompletionSource<JobId> SubmittedAs(Errand errand) =>
        _submitted.GetOrAdd(errand, _ => new TaskCompletionSource<JobId>(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task<JobId> SubmitAsync(Errand errand, CancellationToken end)
    {
        int tries = 0;
        return await UntilDoneAsync(
            async () =>
            {
                string name = $"{errand.Name}.{++tries}";
                try
                {
                    return await SubmitAsync(errand, errand.Spec with { Name = name }, end);
                }
                catch (RequestRefusedException)
                {
                    Refused.Add(name);
                    throw;
                }
            },
            end);
    }

    private async Task<JobId> SubmitAsync(Errand errand, JobSpec spec, CancellationToken end)
    {
        if (errand.Kind != JobKind.Array)
        {
            JobInfo job = await Client.SubmitAsync(spec, cancellationToken: end);
            Accepted[job.Id] = errand;
            return job.Id;
        }

        ArrayHandle array = await Client.SubmitArrayAsync(new ArraySpec { Job = spec, Indices = $"1-{Errand.ArrayLength}", AtOnce = 3 }, cancellationToken: end);
        long first = (await array.GetAsync(end)).FirstJob.Value;
        for (int i = 0; i < Errand.ArrayLength; i++)
        {
            Accepted[new JobId(first + i)] = errand;
        }

        return array.Id;
    }

    /// <summary>A full disk refuses what changes something, and says so. Nothing else is forgiven.</summary>
    private async Task<T> UntilDoneAsync<T>(Func<Task<T>> ask, CancellationToken end)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (RequestRefusedException e) when (e.Code == "diskFull")
            {
                setting.Chronicle.Note($"refused: {e.Message}");
                await Task.Delay(500, end);
            }
        }
    }

    private static async Task<byte[]> FollowAsync(JobHandle job, CancellationToken end)
    {
        using var log = new MemoryStream();
        await job.CopyLogAsync(OutputKind.Output, log, follow: true, cancellationToken: end);
        return log.ToArray();
    }

    private async Task ListenAsync(CancellationToken end)
    {
        try
        {
            while (true)
            {
                await Task.Delay(2000, end);
                foreach (JobInfo job in (await Client.ListJobsAsync(JobSelection.Ended, 100, cancellationToken: end)).Jobs)
                {
                    Hear(job);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }
}
