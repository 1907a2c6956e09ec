using System.Text.Json;
using System.Text.Json.Serialization;

namespace Drover.Agent.Keeper.Records;

/// <summary>The facts of the journal as JSON. Members that are not known are skipped: a keeper may be older than its journal.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PropertyNameCaseInsensitive = false,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(JournalFact))]
internal sealed partial class JournalJson : JsonSerializerContext;
