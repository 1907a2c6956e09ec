namespace Drover.Protocol.Jobs;

/// <summary>What has to have happened to another job, or to all jobs of an array, before a job starts.</summary>
/// <remarks>A dependency that can no longer be met ends the job that waits, as canceled, with that reason.</remarks>
/// <param name="Job">The other job, or the array.</param>
/// <param name="When">What has to have happened.</param>
public sealed record Dependency(JobId Job, DependencyKind When = DependencyKind.Succeeded);
