using System.Text.Json;
using System.Text.Json.Nodes;

namespace Drover.Bench.Cases;

/// <summary>The one line of JSON that every peer, in every language, prints for a case.</summary>
/// <param name="Case">The case that was asked for.</param>
/// <param name="Value">What was measured; null when the case has no meaning for the peer.</param>
/// <param name="Unit">The unit of the value.</param>
/// <param name="Extra">Further figures. A <c>note</c> among them is printed below the table.</param>
/// <param name="Port">In the answer to <c>echo-server</c> only: where the server listens.</param>
internal sealed record PeerReport(string? Case, double? Value, string? Unit = null, JsonObject? Extra = null, int? Port = null)
{
    public string? Note => (string?)Extra?["note"];

    /// <exception cref="JsonException">The line is not a peer's report.</exception>
    public static PeerReport Parse(string line) =>
        JsonSerializer.Deserialize<PeerReport>(line, JsonSerializerOptions.Web) ?? throw new JsonException("The line is the JSON null.");
}
