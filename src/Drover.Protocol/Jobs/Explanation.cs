namespace Drover.Protocol.Jobs;

/// <summary>The whole story of a job, from the audit trail.</summary>
public sealed record Explanation
{
    /// <summary>The job now.</summary>
    public required JobInfo Job { get; init; }

    /// <summary>What happened, oldest first.</summary>
    public required IReadOnlyList<JobEvent> Steps { get; init; }

    /// <summary>In a sentence: why it waits, what it does, or why it ended.</summary>
    public required string Summary { get; init; }

    /// <summary>What one can do next; empty when there is nothing to do.</summary>
    public required IReadOnlyList<string> Advice { get; init; }
}
