namespace Drover.Cli.Text;

/// <summary>Everything about a job, for people.</summary>
internal static class JobDescription
{
    /// <param name="job">The job.</param>
    /// <param name="attempts">Its attempts, where there is more than one.</param>
    /// <param name="now">Now.</param>
    public static string Of(JobInfo job, IReadOnlyList<AttemptInfo> attempts, DateTimeOffset now)
    {
        var text = new Description(now);
        JobSpec spec = job.Spec;
        text.Line("job", job.Id.ToString());
        text.Line("array", job.Array is { } element ? $"{element.Array}, index {element.Index}" : null);
        text.Line("name", job.Name);
        text.Line("user", job.User);
        text.Line("state", job.End is null ? JobText.State(job) : job.End.Ending.ToString());
        text.Line("files", job.State == JobState.Purged ? "removed, because the time that the server keeps files was over; output and results are gone" : null);
        text.Line("situation", job.Situation);
        text.Line("progress", JobText.Progress(job, now));
        text.Line("ends about", JobText.Left(job, now) is null ? null : job.EstimatedEndAt);
        text.Line("evidence", job.End?.Evidence);
        text.Line("submitted", job.SubmittedAt);
        text.Line("next try", job.NextAttemptAt);
        text.Line("started", job.StartedAt);
        text.Line("ended", job.End?.At);
        text.Line("elapsed", job.StartedAt is null ? null : JobText.Whole(JobText.Elapsed(job, now)));
        text.Line("used", Used(job.End?.Usage));
        text.Line("command", JobText.Command(spec));
        text.Line("site", spec.Site);
        text.Line("agent", job.Agent);
        text.Line("process", job.ProcessId);
        text.Line("attempt", job.Attempt);
        text.Spec(spec);
        text.Line("trace", job.TraceId);
        text.Line("canceled by", job.CancelRequestedBy);
        text.Block("attempts:", attempts.Count > 1 ? string.Join('\n', attempts.Select(a => Attempt(a, now))) : null);
        text.Block("the end of its standard error:", job.End?.ErrorTail);
        return text.ToString();
    }

    private static string Attempt(AttemptInfo attempt, DateTimeOffset now)
    {
        string started = attempt.StartedAt is { } at ? $"started {JobText.Time(at)}, " : "";
        string state = attempt.End is { } end
            ? $"{end.Ending}{(attempt.StartedAt is { } from ? $" after {JobText.Whole(end.At - from)}" : "")}"
            : attempt.StartedAt is { } since ? $"{attempt.State.ToString().ToLowerInvariant()} for {JobText.Whole(now - since)}" : attempt.State.ToString().ToLowerInvariant();
        return $"{attempt.Number}  {started}{state}";
    }

    private static string? Used(Usage? usage) => usage switch
    {
        null => null,
        { MaxMemoryBytes: { } memory } => $"{Cpu(usage)}, {Quantities.Bytes(memory)} of memory",
        _ => Cpu(usage),
    };

    private static string Cpu(Usage usage) => $"{Quantities.Duration(TimeSpan.FromSeconds(usage.CpuSeconds))} of CPU";
}
