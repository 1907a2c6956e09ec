using System.Text.Json;
using System.Text.Json.Serialization;

namespace Drover.Client.Http;

/// <summary>
/// The protocol's JSON as a client reads it: members that it does not know are skipped, because the server may be newer.
/// </summary>
internal static class ClientJson
{
    public static ProtocolJson Tolerant { get; } = new(new JsonSerializerOptions(ProtocolJson.Default.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        TypeInfoResolver = null,
    });
}
