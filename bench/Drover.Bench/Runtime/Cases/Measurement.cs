using System.Text.Json.Nodes;

namespace Drover.Bench.Runtime.Cases;

/// <summary>What one run of a case found, in the unit that <see cref="RuntimeSuite"/> gives the case.</summary>
internal sealed record Measurement(double Value, JsonObject? Extra = null);
