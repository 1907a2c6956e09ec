using System.Text.Json.Nodes;

namespace Drover.Bench.Cases;

/// <summary>What one run of a case found, in the unit that <see cref="Runtime.BenchmarkCase"/> gives the case.</summary>
internal sealed record Measurement(double Value, JsonObject? Extra = null);
