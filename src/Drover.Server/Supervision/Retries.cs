namespace Drover.Server.Supervision;

/// <summary>Whether a job is tried again, and how that is told. Pure.</summary>
internal static class Retries
{
    /// <summary>Whether another attempt follows one that ended like this.</summary>
    internal static bool IsTriedAgain(JobInfo job, Ending ending) =>
        job.Spec.Retry is { } policy && job.Attempt <= policy.Retries && policy.Follows(ending);

    /// <summary>Which attempt the present one is: <c>attempt 2 of 4</c>.</summary>
    internal static string Place(JobInfo job) => $"attempt {job.Attempt} of {Math.Max(job.Attempt, 1 + (job.Spec.Retry?.Retries ?? 0))}";

    /// <summary>What happened, when the present attempt ended like this and another one follows.</summary>
    internal static string Story(JobInfo job, Ending ending, TimeSpan delay)
    {
        string next = Place(job with { Attempt = job.Attempt + 1 });
        string when = delay > TimeSpan.Zero ? $"follows in {Quantities.Duration(delay)}" : "follows at once";
        return $"attempt {job.Attempt} {Verb(ending)}: {next} {when}";
    }

    private static string Verb(Ending ending) => ending switch
    {
        Ending.Exited or Ending.Signaled or Ending.TimeLimit => ending.ToString()!,
        Ending.OutOfMemory => $"ran {ending}",
        Ending.NodeFailed failed => $"lost its node: {failed.Reason}",
        _ => $"was {ending}",
    };
}
