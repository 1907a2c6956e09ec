namespace Drover.Protocol.Jobs;

/// <summary>Asks for many jobs that differ by an index: all of them are accepted, or none is.</summary>
public sealed record ArraySpec
{
    /// <summary>What each of them runs.</summary>
    public required JobSpec Job { get; init; }

    /// <summary>The indices, as <c>1-1000</c>, <c>0-90:10</c> or <c>1,3,7-9</c>: each once, from 0; at most 100,000.</summary>
    public required string Indices { get; init; }

    /// <summary>How many of them may run at once. Default: as many as there is room for.</summary>
    public int? AtOnce { get; init; }
}
