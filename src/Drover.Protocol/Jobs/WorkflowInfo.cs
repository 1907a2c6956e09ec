namespace Drover.Protocol.Jobs;

/// <summary>What became of a workflow's steps when it was accepted.</summary>
public sealed record WorkflowInfo
{
    /// <summary>The number of each step's job or array, by its key.</summary>
    public required IReadOnlyDictionary<string, JobId> Steps { get; init; }
}
