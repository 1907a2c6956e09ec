using System.Text.Json;
using System.Text.Json.Serialization;
using Drover.Agent.Keeper.Messages;

namespace Drover.Agent.Keeper;

/// <summary>
/// The messages between keeper and agent as JSON. Members that are not known are skipped: one may be older than the other.
/// </summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PropertyNameCaseInsensitive = false,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(KeeperCommand))]
[JsonSerializable(typeof(KeeperEvent))]
internal sealed partial class KeeperJson : JsonSerializerContext;
