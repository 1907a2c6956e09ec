using System.Security.Cryptography;

namespace Drover.Client.Http;

/// <summary>A request, made anew for each try.</summary>
/// <param name="Method">GET, HEAD, POST, PUT, PATCH or DELETE.</param>
/// <param name="Path">From the server's address.</param>
internal sealed record ApiRequest(HttpMethod Method, string Path)
{
    private static readonly TimeSpan s_forTheDisk = TimeSpan.FromMinutes(10);

    /// <summary>The body, as JSON.</summary>
    public byte[]? Json { get; init; }

    /// <summary>Makes the body of each try, when that is not JSON.</summary>
    public Func<HttpContent>? Body { get; init; }

    /// <summary>Further headers.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>From which byte on the answer is wanted.</summary>
    public long? RangeFrom { get; init; }

    /// <summary>Whether it does no harm when it is done twice.</summary>
    public bool IsRepeatable { get; init; } = true;

    /// <summary>How long the server may take on purpose, on top of the usual time; infinite when silence means nothing.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>Whether it belongs to waiting or following, which is tried again for longer.</summary>
    public bool IsPatient { get; init; }

    public static ApiRequest Get(string path) => new(HttpMethod.Get, path);

    public static ApiRequest Post(string path, byte[]? json = null) => new(HttpMethod.Post, path) { Json = json, IsRepeatable = false };

    /// <summary>A request that makes something: with a key, so that it can be repeated.</summary>
    /// <param name="path">From the server's address.</param>
    /// <param name="json">What.</param>
    /// <param name="options">May have the key.</param>
    /// <param name="hasInputs">Whether the server may have to wait until they are on its disk.</param>
    public static ApiRequest Submit(string path, byte[] json, SubmitOptions? options, bool hasInputs)
    {
        string key = options?.IdempotencyKey ?? RandomNumberGenerator.GetHexString(32, lowercase: true);
        return key.Length is > 0 and <= 255 && key.All(c => c is >= '!' and <= '~')
            ? new ApiRequest(HttpMethod.Post, path) { Json = json, Headers = [("Idempotency-Key", key)], Wait = hasInputs ? s_forTheDisk : TimeSpan.Zero }
            : throw new ArgumentException("An idempotency key has 1 to 255 visible ASCII characters.", nameof(options));
    }
}
