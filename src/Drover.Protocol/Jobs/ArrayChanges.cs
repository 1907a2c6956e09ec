namespace Drover.Protocol.Jobs;

/// <summary>What to change about an array: about those of its jobs that wait. What is not mentioned stays.</summary>
public sealed record ArrayChanges
{
    /// <summary>Their priority.</summary>
    public int? Priority { get; init; }

    /// <summary>Their time limit in seconds.</summary>
    public double? TimeLimitSeconds { get; init; }

    /// <summary>Whether they are held: they do not start before they are released.</summary>
    public bool? Hold { get; init; }

    /// <summary>How many of its jobs may run at once; from 1. As many as there are jobs: as there is room for.</summary>
    public int? AtOnce { get; init; }
}
