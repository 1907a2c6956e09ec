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
        if (Tags(http.Request.Headers.IfNoneMatch).Any(known => known is "*" || known == tag))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = json.Length;
        await http.Response.Body.WriteAsync(json, http.RequestAborted);
    }

    /// <summary>Refuses when the client says of which revision it knows, and this is another.</summary>
    /// <exception cref="ApiException">It is.</exception>
    internal static void CheckMatch(HttpContext http, JobInfo job)
    {
        string revision = job.Revision.ToString(CultureInfo.InvariantCulture);
        if (http.Request.Headers.IfMatch is { Count: > 0 } known && !Tags(known).Any(tag => tag is "*" || tag.Trim('"').Split('.')[0] == revision))
        {
            throw new ApiException(
                StatusCodes.Status412PreconditionFailed, "changed", $"Job {job.Id} has changed since: look at it again, and then decide.");
        }
    }

    private static IEnumerable<string> Tags(StringValues header) => EntityTagHeaderValue.TryParseList(header, out IList<EntityTagHeaderValue>? tags)
        ? tags.Select(tag => tag.Tag.ToString())
        : [];
}
