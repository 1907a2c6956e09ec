using System.Text.Json;
using System.Text.Json.Serialization;

namespace Drover.Protocol;

/// <summary>Environment variables, none of which is null: the serializer sees to that in members, and not in what a collection has.</summary>
/// <remarks>Public for the source generator: contexts of other assemblies use it.</remarks>
public sealed class VariablesConverter : JsonConverter<IReadOnlyDictionary<string, string>>
{
    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }

        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            variables[name] = reader.TokenType == JsonTokenType.String
                ? reader.GetString()!
                : throw new JsonException($"The value of '{name}' is no text.");
        }

        return variables;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        foreach ((string name, string text) in value)
        {
            writer.WriteString(name, text);
        }

        writer.WriteEndObject();
    }
}
