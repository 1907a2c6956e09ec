namespace Drover.Protocol.Jobs;

/// <summary>Jobs that depend on each other: all of them are accepted, or none is.</summary>
public sealed record Workflow
{
    /// <summary>What the user calls it; shown in the audit trail of its jobs.</summary>
    public string? Name { get; init; }

    /// <summary>The jobs, in any order; at most 1,000.</summary>
    public required IReadOnlyList<WorkflowStep> Steps { get; init; }
}
