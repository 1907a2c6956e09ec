namespace Drover.Chaos.Tests;

/// <summary>What Drover says of a job, and what the job has recorded itself.</summary>
internal sealed record Account
{
    internal required Errand Errand { get; init; }

    internal required JobInfo Job { get; init; }

    /// <summary>Every attempt with what it wrote, oldest first.</summary>
    internal required IReadOnlyList<AttemptAccount> Attempts { get; init; }

    /// <summary>The audit trail.</summary>
    internal required IReadOnlyList<JobEvent> Trail { get; init; }

    internal required IReadOnlyList<DiaryLine> Diary { get; init; }

    /// <summary>When the last line was written; null when there is none.</summary>
    internal DateTimeOffset? DiaryClosedAt { get; init; }

    /// <summary>Collects it.</summary>
    internal static async Task<Account> TakeAsync(ChaosSetting setting, JobHandle job, Errand errand)
    {
        JobInfo info = await job.EndAsync();
        string name = info.Array is { } array ? $"{errand.Name}-{array.Index}" : errand.Name;
        var attempts = new List<AttemptAccount>();
        foreach (AttemptInfo attempt in await job.AttemptsAsync())
        {
            attempts.Add(new AttemptAccount(attempt, await LogAsync(job, OutputKind.Output, attempt.Number), await LogAsync(job, OutputKind.Error, attempt.Number)));
        }

        string diary = Path.Combine(setting.DiaryFolder, name);
        return new Account
        {
            Errand = errand,
            Job = info,
            Attempts = attempts,
            Trail = await job.TrailAsync(),
            Diary = DiaryLine.Read(diary),
            DiaryClosedAt = File.Exists(diary) ? new DateTimeOffset(File.GetLastWriteTimeUtc(diary)) : null,
        };
    }

    private static async Task<byte[]> LogAsync(JobHandle job, OutputKind stream, int attempt)
    {
        using var log = new MemoryStream();
        try
        {
            await job.CopyLogAsync(stream, log, attempt: attempt);
        }
        catch (FileNotInJobException)
        {
            // It never ran.
        }

        return log.ToArray();
    }
}
