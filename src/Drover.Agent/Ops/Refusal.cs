namespace Drover.Agent.Ops;

/// <summary>Why a stream was not taken.</summary>
/// <param name="Why">In words, without a full stop.</param>
/// <param name="IsUnwanted">Whether the server itself says that nobody waits for it any more.</param>
internal sealed record Refusal(string Why, bool IsUnwanted = false);
