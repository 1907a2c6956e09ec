namespace Drover.Protocol.Agents;

/// <summary>The number of one exchange with an agent, of its connection's own series.</summary>
/// <param name="Value">From 1.</param>
public readonly record struct OpId(long Value)
{
    /// <inheritdoc/>
    public override string ToString() => $"op {Value}";
}
