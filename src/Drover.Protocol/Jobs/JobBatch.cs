namespace Drover.Protocol.Jobs;

/// <summary>Several jobs to submit at once: all of them are accepted, or none is.</summary>
public sealed record JobBatch
{
    /// <summary>The jobs, in the order in which they are to have their numbers; at most 10,000.</summary>
    public required IReadOnlyList<JobSpec> Jobs { get; init; }
}
