using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Drover.Server.Api;

/// <summary>
/// Entity tags (RFC 9110, 8.8.3): the revision, a dot, and a hash of the answer. A situation changes without a revision;
/// who wants to change a job minds only the revision.
/// </summary>
internal static class EntityTags
{
    /// <summary>Answers with an object and its tag, or with 304 when the client has just that.</summary>
    internal static async Task WriteTaggedAsync<T>(this HttpContext http, T value, JsonTypeInfo<T> type, long revision = 0)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        string tag = string.Create(CultureInfo.InvariantCulture, $"\"{revision}.{Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 8))}\"");
        http.Response.Headers.ETag = tag;
        if (IsKnown(http, tag))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = json.Length;
        await http.Response.Body.WriteAsync(json, http.RequestAborted);
    }

    /// <summary>Whether the client asks for nothing else than what it has. Of a change it wants to know what became of it.</summary>
    internal static bool IsKnown(HttpContext http, string? tag) =>
        (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
        && Tags(http.Request.Headers.IfNoneMatch).Any(known => known is "*" || known == tag);

    /// <summary>
    /// What stands for the revision of an array, which has none: a hash of what it asks for. How far its jobs are is nothing
    /// that a change could overwrite.
    /// </summary>
    internal static long RevisionOf(ArrayInfo array) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(array.Spec, ProtocolJson.Default.ArraySpec))) & long.MaxValue;

    /// <summary>Refuses when the client says of which revision it knows, and this is another.</summary>
    /// <exception cref="ApiException">It is.</exception>
    internal static void CheckMatch(HttpContext http, JobInfo job) => CheckMatch(http, job.Revision, $"Job {job.Id}");

    /// <inheritdoc cref="CheckMatch(HttpContext, JobInfo)"/>
    internal static void CheckMatch(HttpContext http, ArrayInfo array)
    {
        if (http.Request.Headers.IfMatch.Count > 0) // The hash takes its time.
        {
            CheckMatch(http, RevisionOf(array), $"Array {array.Id}");
        }
    }

    private static void CheckMatch(HttpContext http, long number, string what)
    {
        string revision = number.ToString(CultureInfo.InvariantCulture);
        if (http.Request.Headers.IfMatch is { Count: > 0 } known && !Tags(known).Any(tag => tag is "*" || tag.Trim('"').Split('.')[0] == revision))
        {
            throw new ApiException(
                StatusCodes.Status412PreconditionFailed, "changed", $"{what} has changed since: look at it again, and then decide.");
        }
    }

    private static IEnumerable<string> Tags(StringValues header) => EntityTagHeaderValue.TryParseList(header, out IList<EntityTagHeaderValue>? tags)
        ? tags.Select(tag => tag.Tag.ToString())
        : [];
}
