using System.Text.Json;
using System.Text.Json.Nodes;

namespace Drover.Bench.Orchestration;

/// <summary>The one line of JSON that every peer, in every language, prints for a case.</summary>
/// <param name="Case">The case that was asked for.</param>
/// <param name="Value">What was measured; null when the case has no meaning for the peer, or finds several values.</param>
/// <param name="Unit">The unit of the value.</param>
/// <param name="Extra">Further figures. A <c>note</c> among them is printed below the table.</param>
/// <param name="Port">In the answer to <c>echo-server</c> only: where the server listens.</param>
/// <param name="Values">What was measured, by metric, where a case has several.</param>
internal sealed record PeerReport(
    string? Case = null,
    double? Value = null,
    string? Unit = null,
    JsonObject? Extra = null,
    int? Port = null,
    IReadOnlyDictionary<string, double>? Values = null)
{
    private static readonly JsonSerializerOptions s_format = new(JsonSerializerOptions.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    public string? Note => (string?)Extra?["note"];

    /// <exception cref="JsonException">The line is not a peer's report.</exception>
    public static PeerReport Parse(string line) =>
        JsonSerializer.Deserialize<PeerReport>(line, s_format) ?? throw new JsonException("The line is the JSON null.");

    public double? ValueOf(Metric metric) => Values is null ? Value : Values.TryGetValue(metric.Name, out var value) ? value : null;

    public void Print() => Console.Out.WriteLine(JsonSerializer.Serialize(this, s_format));
}
