namespace Drover.Protocol.Files;

/// <summary>Contents by their SHA-256, in lower case hexadecimal: asked about, or answered.</summary>
public sealed record HashList
{
    /// <summary>The hashes; at most 10,000.</summary>
    public required IReadOnlyList<string> Hashes { get; init; }
}
