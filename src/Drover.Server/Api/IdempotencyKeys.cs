using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Api;

/// <summary>The header by which a client can repeat a request whose answer it did not get.</summary>
internal static class IdempotencyKeys
{
    private const string Header = "Idempotency-Key";
    private const string ReplayHeader = "Idempotent-Replay";
    private const int Longest = 255;

    /// <summary>The key of a request; null when it has none.</summary>
    /// <param name="http">The request.</param>
    /// <param name="body">What it asks for. The same key with something else, or on another path, is a mistake.</param>
    /// <param name="type">How that looks as JSON; white space and the order of members do not matter.</param>
    /// <exception cref="ApiException">There is a key, and it is none.</exception>
    internal static RequestKey? Of<T>(HttpContext http, T body, JsonTypeInfo<T> type)
    {
        if (!http.Request.Headers.TryGetValue(Header, out Microsoft.Extensions.Primitives.StringValues values))
        {
            return null;
        }

        if (values is not [{ Length: > 0 and <= Longest } key] || key.Any(c => c is < '!' or > '~'))
        {
            throw ApiException.Bad($"The header {Header} is given once, and has 1 to {Longest} visible ASCII characters.");
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{http.Request.Path}\n"));
        hash.AppendData(Canonical(JsonSerializer.SerializeToElement(body, type)));
        return new RequestKey(key, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The same bytes for the same content: members by name.</summary>
    private static ReadOnlySpan<byte> Canonical(JsonElement element)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(bytes))
        {
            Write(json, element);
        }

        return bytes.WrittenSpan;

        static void Write(Utf8JsonWriter json, JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.Object)
            {
                json.WriteStartObject();
                foreach (JsonProperty member in element.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    json.WritePropertyName(member.Name);
                    Write(json, member.Value);
                }

                json.WriteEndObject();
            }
            else if (element.ValueKind == JsonValueKind.Array)
            {
                json.WriteStartArray();
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Write(json, item);
                }

                json.WriteEndArray();
            }
            else
            {
                element.WriteTo(json);
            }
        }
    }

    /// <summary>Says in the answer whether it is one that was given before.</summary>
    internal static void Tell(HttpContext http, bool isReplay)
    {
        if (isReplay)
        {
            http.Response.Headers[ReplayHeader] = "true";
        }
    }
}
