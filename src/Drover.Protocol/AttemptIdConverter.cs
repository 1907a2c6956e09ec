using System.Text.Json;
using System.Text.Json.Serialization;

namespace Drover.Protocol;

/// <summary>An attempt's number is a JSON string: "17.1".</summary>
/// <remarks>Public for the source generator: contexts of other assemblies use it.</remarks>
public sealed class AttemptIdConverter : JsonConverter<AttemptId>
{
    /// <inheritdoc/>
    public override AttemptId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && AttemptId.TryParse(reader.GetString(), null, out AttemptId id)
            ? id
            : throw new JsonException("An attempt is written as the number of its job, a dot and its own number: \"17.1\".");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, AttemptId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
