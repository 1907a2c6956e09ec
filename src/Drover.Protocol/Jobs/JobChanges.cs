namespace Drover.Protocol.Jobs;

/// <summary>What to change about a job. What is not mentioned stays.</summary>
public sealed record JobChanges
{
    /// <summary>Its priority; while it waits.</summary>
    public int? Priority { get; init; }

    /// <summary>Its time limit in seconds; while it waits.</summary>
    public double? TimeLimitSeconds { get; init; }

    /// <summary>Whether it is held: it does not start before it is released; while it waits.</summary>
    public bool? Hold { get; init; }

    /// <summary>Whether its files are kept when their time is over; at any time until they are removed.</summary>
    public bool? Pin { get; init; }
}
