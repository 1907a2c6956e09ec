namespace Drover.Protocol.Jobs;

/// <summary>How far a job says it is: the last line of the file named by <c>$DROVER_PROGRESS</c>.</summary>
public sealed record Progress
{
    /// <summary>0 to 1; null when the job does not say.</summary>
    public double? Fraction { get; init; }

    /// <summary>In the job's words, at most 200 characters.</summary>
    public string? Message { get; init; }

    /// <summary>When it said so, by the agent's clock.</summary>
    public DateTimeOffset? At { get; init; }
}
