namespace Drover.Protocol.Jobs;

/// <summary>What the jobs of an array wait for, and how they ended: as groups, the largest first. A job's own story tells more.</summary>
public sealed record ArrayExplanation
{
    /// <summary>The array now.</summary>
    public required ArrayInfo Array { get; init; }

    /// <summary>In a sentence: how far it is.</summary>
    public required string Summary { get; init; }

    /// <summary>What those wait for that have not started.</summary>
    public required IReadOnlyList<ArrayGroup> Waiting { get; init; }

    /// <summary>How those ended that have.</summary>
    public required IReadOnlyList<ArrayGroup> Endings { get; init; }

    /// <summary>What one can do next; empty when there is nothing to do.</summary>
    public required IReadOnlyList<string> Advice { get; init; }
}
