namespace Drover.Protocol.Jobs;

/// <summary>A line of the audit trail with the job that it is about, as event streams have it.</summary>
public sealed record EventOfJob : JobEvent
{
    /// <summary>Which job.</summary>
    public required JobId Job { get; init; }
}
