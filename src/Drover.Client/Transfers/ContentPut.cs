using System.Globalization;
using Drover.Client.Http;

namespace Drover.Client.Transfers;

/// <summary>One content on its way to the server, over as many connections as it takes.</summary>
/// <param name="connection">The server.</param>
/// <param name="name">The content's hash, or a name that stands for it until that is known.</param>
/// <param name="isHash">Whether it is the hash.</param>
/// <param name="meter">Counts.</param>
internal sealed class ContentPut(ApiConnection connection, string name, bool isHash, TransferMeter meter)
{
    /// <summary>How much of a content the server has, or has to have for what follows.</summary>
    internal const string OffsetHeader = "Upload-Offset";

    /// <summary>Whether that is all of it: <c>?1</c>.</summary>
    internal const string CompleteHeader = "Upload-Complete";

    /// <summary>The hash of what was stored.</summary>
    internal const string HashHeader = "Upload-Hash";

    /// <summary>The checksum of what was stored, when it was sent without its hash.</summary>
    internal const string CrcHeader = "Upload-Crc64";

    private readonly string _path = $"api/v1/inputs/{name}";
    private long _counted;

    /// <summary>Bytes were sent.</summary>
    public void Moved(long bytes)
    {
        _counted += bytes;
        meter.Moved(bytes);
    }

    /// <summary>Sends what the server does not have yet. Returns what that is.</summary>
    /// <param name="bodyFrom">Makes the body from an offset on; it tells what it has sent.</param>
    /// <param name="cancellationToken">Ends it; what has arrived is kept for a while.</param>
    public async Task<StoredInput> RunAsync(Func<long, Task<HttpContent>> bodyFrom, CancellationToken cancellationToken)
    {
        Backoff backoff = connection.NewBackoff(isPatient: false);
        while (true)
        {
            (long offset, bool isComplete) = await AskAsync(cancellationToken).ConfigureAwait(false);
            meter.WasThere(offset - _counted, 0);
            _counted = offset;
            if (isComplete)
            {
                return new StoredInput(name, Crc: null);
            }

            try
            {
                return await SendAsync(offset, bodyFrom, cancellationToken).ConfigureAwait(false);
            }
            catch (DroverException e) when (e is ServerUnreachableException or RequestRefusedException { Code: "conflict" or "stopping" } or RequestRefusedException { Code: null, Status: 502 or 503 or 504 })
            {
                connection.Options.OnRetry?.Invoke(e);
                if (_counted > offset)
                {
                    backoff.Succeeded(); // Some of it was sent: patience begins anew.
                }

                if (!await backoff.TryPauseAsync(cancellationToken).ConfigureAwait(false))
                {
                    throw;
                }
            }
        }
    }

    private async Task<StoredInput> SendAsync(long offset, Func<long, Task<HttpContent>> bodyFrom, CancellationToken cancellationToken)
    {
        HttpContent body = await bodyFrom(offset).ConfigureAwait(false);
        var request = new ApiRequest(HttpMethod.Put, isHash ? _path : $"{_path}?unhashed=true")
        {
            Body = () => body, // It is sent once: what breaks begins with another question.
            Headers = [(OffsetHeader, offset.ToString(CultureInfo.InvariantCulture)), ("Expect", "100-continue")],
            IsRepeatable = false,
            Wait = Timeout.InfiniteTimeSpan, // Its answer comes after the last byte.
        };
        using HttpResponseMessage response = await connection.SendAsync(
            request, new Backoff(connection.Options.Time, TimeSpan.Zero), cancellationToken).ConfigureAwait(false);
        return new StoredInput(
            Header(response, HashHeader) ?? (isHash ? name : throw connection.NotDrover(inner: null)), Header(response, CrcHeader));
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First() : null;

    private async Task<(long Offset, bool IsComplete)> AskAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await connection.SendAsync(
            new ApiRequest(HttpMethod.Head, _path), connection.NewBackoff(isPatient: false), cancellationToken).ConfigureAwait(false);
        return long.TryParse(Header(response, OffsetHeader), NumberStyles.None, CultureInfo.InvariantCulture, out long offset)
            && Header(response, CompleteHeader) is { } complete
            ? (offset, complete == "?1")
            : throw connection.NotDrover(inner: null);
    }
}
