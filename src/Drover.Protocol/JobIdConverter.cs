using System.Text.Json;
using System.Text.Json.Serialization;

namespace Drover.Protocol;

/// <summary>A job's number is a JSON number.</summary>
/// <remarks>Public for the source generator: contexts of other assemblies use it.</remarks>
public sealed class JobIdConverter : JsonConverter<JobId>
{
    /// <inheritdoc/>
    public override JobId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value) && value > 0
            ? new JobId(value)
            : throw new JsonException("The number of a job is a whole number from 1.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, JobId value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}
