using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Drover.Server.Api.Events;

/// <summary>An answer that is a stream of server-sent events.</summary>
internal sealed class EventAnswer
{
    internal const string MediaType = "text/event-stream";

    private readonly HttpContext _http;

    private EventAnswer(HttpContext http) => _http = http;

    /// <summary>Sends the headers, and where the stream begins: a client that comes again goes on there also when nothing came.</summary>
    internal static async Task<EventAnswer> BeginAsync(HttpContext http, string position)
    {
        http.Response.ContentType = MediaType;
        http.Response.Headers.CacheControl = "no-cache, no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no"; // A proxy must not collect them.
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null; // Who reads slowly waits for nobody but itself.
        var answer = new EventAnswer(http);
        await answer.WriteAsync([EventFrame.Begin(position)]);
        return answer;
    }

    /// <summary>Sends events. Waits while the client does not read.</summary>
    internal async Task WriteAsync(IReadOnlyList<byte[]> frames)
    {
        foreach (byte[] frame in frames)
        {
            await _http.Response.Body.WriteAsync(frame, _http.RequestAborted);
        }
    }
}
