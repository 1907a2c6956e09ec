namespace Drover.Bench.Orchestration;

/// <summary>What became of a target in one run.</summary>
/// <param name="Metric">What was measured.</param>
/// <param name="MustReach">The target in words.</param>
/// <param name="Found">What was found; null when drover or the peer has no value.</param>
/// <param name="IsRatio">Whether that is drover's value divided by a peer's, not a value in the metric's unit.</param>
/// <param name="IsMet">Null when nothing was found.</param>
internal sealed record TargetVerdict(Metric Metric, string MustReach, double? Found, bool IsRatio, bool? IsMet);
