namespace Drover.Protocol.Jobs;

/// <summary>How far a job says it is, as event streams have it. Not every step: a later one replaces those that were not sent.</summary>
/// <param name="Job">Which job.</param>
/// <param name="Progress">How far.</param>
public sealed record ProgressOfJob(JobId Job, Progress Progress);
