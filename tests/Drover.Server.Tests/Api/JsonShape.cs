using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Drover.Server.Tests.Api;

/// <summary>Checks JSON against a schema of an OpenAPI document, as far as ours use schemas; what they do not use is refused.</summary>
internal sealed class JsonShape(JsonElement document)
{
    private static readonly HashSet<string> s_known =
        ["$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "oneOf", "discriminator", "format", "minimum", "description", "default", "pattern"];

    /// <summary>What is wrong with a value; empty when nothing is.</summary>
    internal IReadOnlyList<string> Mistakes(JsonElement value, JsonElement schema, string path = "$")
    {
        Assert.Empty(schema.EnumerateObject().Select(p => p.Name).Except(s_known));
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            return Mistakes(value, Resolve(reference.GetString()!), path);
        }

        foreach (string choice in (string[])["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(choice, out JsonElement choices))
            {
                IReadOnlyList<string>[] all = [.. choices.EnumerateArray().Select(one => Mistakes(value, one, path))];
                return all.Any(one => one.Count == 0) ? [] : [$"{path}: none of {all.Length} fits: {string.Join(" / ", all.Select(one => one[0]))}"];
            }
        }

        var mistakes = new List<string>();
        if (schema.TryGetProperty("type", out JsonElement type) && !TypesOf(type).Any(t => Fits(value, t)))
        {
            return [$"{path}: {value.ValueKind} is not {type}"];
        }

        if (schema.TryGetProperty("enum", out JsonElement words) && words.EnumerateArray().All(word => word.ToString() != value.ToString()))
        {
            mistakes.Add($"{path}: '{value}' is not one of {words}");
        }

        if (schema.TryGetProperty("pattern", out JsonElement pattern) && value.ValueKind == JsonValueKind.String
            && !Regex.IsMatch(value.GetString()!, pattern.GetString()!, RegexOptions.None, TimeSpan.FromSeconds(1)))
        {
            mistakes.Add($"{path}: '{value}' does not match {pattern}");
        }

        if (schema.TryGetProperty("minimum", out JsonElement least) && value.ValueKind == JsonValueKind.Number && value.GetDouble() < double.Parse(least.ToString(), CultureInfo.InvariantCulture))
        {
            mistakes.Add($"{path}: {value} is less than {least}");
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                mistakes.AddRange(OfObject(value, schema, path));
                break;
            case JsonValueKind.Array when schema.TryGetProperty("items", out JsonElement items):
                mistakes.AddRange(value.EnumerateArray().SelectMany((item, i) => Mistakes(item, items, $"{path}[{i}]")));
                break;
        }

        return mistakes;
    }

    /// <summary>The schema that a reference names.</summary>
    internal JsonElement Resolve(string reference) =>
        reference.Split('/').Skip(1).Aggregate(document, (at, name) => at.GetProperty(name));

    private IEnumerable<string> OfObject(JsonElement value, JsonElement schema, string path)
    {
        JsonElement properties = schema.TryGetProperty("properties", out JsonElement p) ? p : default;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            JsonElement of = default;
            if (properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(member.Name, out of))
            {
                foreach (string mistake in Mistakes(member.Value, of, $"{path}.{member.Name}"))
                {
                    yield return mistake;
                }
            }
            else if (schema.TryGetProperty("additionalProperties", out JsonElement others) && others.ValueKind == JsonValueKind.Object)
            {
                foreach (string mistake in Mistakes(member.Value, others, $"{path}.{member.Name}"))
                {
                    yield return mistake;
                }
            }
            else
            {
                yield return $"{path} has '{member.Name}', which its schema does not know";
            }
        }

        if (schema.TryGetProperty("required", out JsonElement required))
        {
            foreach (string? name in required.EnumerateArray().Select(name => name.GetString()).Where(name => !value.TryGetProperty(name!, out _)))
            {
                yield return $"{path} lacks '{name}'";
            }
        }
    }

    private static IEnumerable<string> TypesOf(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()!) : [type.GetString()!];

    private static bool Fits(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        _ => false,
    };
}
