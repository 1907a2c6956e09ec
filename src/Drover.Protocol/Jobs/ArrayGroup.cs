namespace Drover.Protocol.Jobs;

/// <summary>Jobs of an array that have something in common.</summary>
public sealed record ArrayGroup
{
    /// <summary>What it is, in words: what they wait for, or how they ended.</summary>
    public required string What { get; init; }

    /// <summary>How many they are.</summary>
    public required int Count { get; init; }

    /// <summary>The indices of some of them, lowest first.</summary>
    public required IReadOnlyList<int> Examples { get; init; }
}
