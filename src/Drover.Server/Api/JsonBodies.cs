using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Drover.Server.Api;

/// <summary>Reads and writes the JSON of requests and answers, as the protocol has it.</summary>
internal static class JsonBodies
{
    /// <summary>The most that a request may contain, where it is not a file.</summary>
    internal const long MaxBytes = 1 << 20;

    /// <summary>The most that a request for many jobs may contain.</summary>
    internal const long MaxBatchBytes = 16 << 20;

    /// <summary>The body of a request.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is not what is expected.</exception>
    internal static async Task<T> ReadAsync<T>(this HttpRequest request, JsonTypeInfo<T> type)
        where T : class
    {
        if (!request.HasJsonContentType())
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, "badRequest", "The body must be JSON, with the header 'Content-Type: application/json'.");
        }

        if (request.GetTypedHeaders().ContentType?.Charset is { Length: > 0 } charset && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, "badRequest", $"The body must be JSON in UTF-8, not in the charset '{charset}'.");
        }

        await RefuseTooLongAsync(request);
        return await request.ReadFromJsonAsync(type, request.HttpContext.RequestAborted) ?? throw ApiException.Bad("The body is null.");
    }

    /// <summary>The body of a request that may have none.</summary>
    internal static async Task<T> ReadOrAsync<T>(this HttpRequest request, JsonTypeInfo<T> type, T otherwise)
        where T : class =>
        request.ContentLength is null or 0 && request.ContentType is null ? otherwise : await request.ReadAsync(type);

    /// <summary>Answers with an object.</summary>
    internal static Task WriteAsync<T>(this HttpResponse response, T value, JsonTypeInfo<T> type, int status = 200)
    {
        response.StatusCode = status;
        return response.WriteAsJsonAsync(value, type, cancellationToken: response.HttpContext.RequestAborted);
    }

    /// <summary>
    /// Refuses a body that says it is too long. It is read and thrown away first: many clients look at the answer only when
    /// they have sent everything, and would see a broken connection.
    /// </summary>
    private static async Task RefuseTooLongAsync(HttpRequest request)
    {
        const long MostThrownAway = 64 << 20;
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false, MaxRequestBodySize: { } most } limit
            || request.ContentLength is not { } length || length <= most)
        {
            return;
        }

        if (length <= MostThrownAway)
        {
            limit.MaxRequestBodySize = MostThrownAway;
            await request.Body.CopyToAsync(Stream.Null, request.HttpContext.RequestAborted);
        }

        throw new ApiException(
            StatusCodes.Status413PayloadTooLarge,
            "tooLarge",
            $"The body has {Quantities.Bytes(length)}; here it may have {Quantities.Bytes(most)}. What is long goes into files.");
    }
}
