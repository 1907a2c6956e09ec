namespace Drover.Server.Supervision;

/// <summary>Tells the story of a job, and what can be done next. Pure.</summary>
internal static class Explanations
{
    private const int MostOthers = 3;

    internal static Explanation Of(JobInfo job, IReadOnlyList<JobEvent> steps) => new()
    {
        Job = job,
        Steps = steps,
        Summary = Summary(job) + Earlier(steps) + Purged(job, steps),
        Advice = [.. Advice(job)],
    };

    /// <summary>What became of the attempts before the last one. All of them are in the steps.</summary>
    private static string Earlier(IReadOnlyList<JobEvent> steps)
    {
        const int Most = 3;
        string[] attempts = [.. steps.Where(step => step.Kind == JobEventKind.Retried).Select(step => $" Before: {step.Cause}.")];
        return string.Concat(attempts.TakeLast(Most)) + (attempts.Length > Most ? $" {attempts.Length - Most} more attempts ended before." : "");
    }

    private static string Purged(JobInfo job, IReadOnlyList<JobEvent> steps) => job.PurgedAt is { } at
        ? $" Its files were removed at {at:yyyy-MM-dd HH:mm:ss} UTC: {steps.LastOrDefault(step => step.Kind == JobEventKind.Purged)?.Cause ?? "their time was over"}."
        : "";

    private static string Summary(JobInfo job) => job.State switch
    {
        JobState.Queued => $"It waits: {job.Situation ?? "its turn comes now"}.",
        JobState.Starting => $"It is being started by agent '{job.Agent}'{(job.Situation is { } why ? $": {why}" : "")}.",
        JobState.Running when job.Situation is { } situation => $"It runs as process {job.ProcessId}: {situation}.",
        JobState.Running => $"It runs as process {job.ProcessId}{(job.Progress?.Message is { } message ? $": {message}" : "")}.",
        JobState.Unknown => $"Whether it runs is not known: {job.Situation}.",
        _ => $"It has ended: {job.End!.Ending}. {Sentence(job.End.Evidence)}",
    };

    private static IEnumerable<string> Advice(JobInfo job) => job.State == JobState.Purged ? [] // What could be looked at is gone.
        : job.End is { } end ? Advice(job, end.Ending)
        : job.State == JobState.Queued ? AdviceWhileQueued(job)
        : AdviceSinceSent(job);

    private static IEnumerable<string> AdviceWhileQueued(JobInfo job)
    {
        if (job.Spec.Hold)
        {
            yield return $"drover release {job.Id} lets it start";
        }

        foreach (JobId other in Others(job))
        {
            yield return $"drover explain {other} tells what that waits for";
        }

        if (job.Attempt > 1)
        {
            yield return $"drover log {job.Id} --attempt {job.Attempt - 1} shows what the attempt before wrote";
        }

        yield return $"drover cancel {job.Id} takes it out of the queue";
    }

    private static IEnumerable<string> AdviceSinceSent(JobInfo job)
    {
        yield return job.State == JobState.Unknown
            ? "drover agents shows which agent is away, and since when"
            : $"drover log -f {job.Id} follows what it writes";
    }

    private static IEnumerable<string> Advice(JobInfo job, Ending ending)
    {
        string run = $"drover show {job.Id}";
        switch (ending)
        {
            case Ending.Canceled { By: DependencyRules.Drover }:
                foreach (JobId other in Others(job))
                {
                    yield return $"drover explain {other} tells what became of that";
                }

                break;
            case Ending.Exited { Code: 0 }:
                yield return $"drover files {job.Id} lists its results";
                break;
            case Ending.Exited:
                yield return $"drover log --stream stderr {job.Id} shows what it complained about";
                break;
            case Ending.Signaled { Name: "SIGKILL" }:
                yield return "something outside of Drover killed it; when that was the kernel because memory ran out, --memory makes that visible";
                break;
            case Ending.Signaled:
                yield return "the program crashed: look at its last lines with " + $"drover log --stream stderr {job.Id}";
                break;
            case Ending.OutOfMemory { LimitBytes: { } limit }:
                yield return $"submit it again with more memory than --memory {Quantities.Bytes(limit).Replace(" ", "", StringComparison.Ordinal)}";
                break;
            case Ending.OutOfMemory:
                yield return "submit it where there is more memory, or make the job smaller";
                break;
            case Ending.TimeLimit:
                yield return "submit it again with a longer --time, or make it save its state and continue from there";
                break;
            case Ending.LaunchFailed { Reason: LaunchFailure.NoSuchProgram }:
                yield return "check the name of the program; one in the working directory is written with ./ before it";
                break;
            case Ending.LaunchFailed { Reason: LaunchFailure.NotExecutable }:
                yield return "make it executable (chmod +x), or check the first line of the script";
                break;
            case Ending.LaunchFailed { Reason: LaunchFailure.NoSuchDirectory }:
                yield return "submit it with a --dir that exists at the site";
                break;
            case Ending.LaunchFailed { Reason: LaunchFailure.CannotWrite }:
                yield return "make room on the disk of the site, or permit its agent to write there, and submit it again";
                break;
            case Ending.LaunchFailed:
                yield return $"{run} shows what was asked for";
                break;
            case Ending.Lost:
                yield return $"look at what it wrote (drover log {job.Id}, drover files {job.Id}) before submitting it again: it may have done its work";
                break;
        }
    }

    /// <summary>The jobs and arrays that it came after, when it has not started because of them: the first few.</summary>
    private static IEnumerable<JobId> Others(JobInfo job) =>
        job.StartedAt is null && (job.End is not null || DependencyRules.IsWait(job.Situation))
            ? (job.Spec.After ?? []).Select(dependency => dependency.Job).Distinct().Take(MostOthers)
            : [];

    private static string Sentence(string text) => text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..].TrimEnd('.') + ".";
}
