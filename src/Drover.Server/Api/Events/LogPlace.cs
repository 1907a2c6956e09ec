using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Api.Events;

/// <summary>A place in what a job writes, as ids of log events have it: <c>17</c> of the first attempt, <c>2:17</c> of the second.</summary>
/// <param name="Attempt">Which attempt's log.</param>
/// <param name="Offset">Before which byte of it.</param>
internal readonly record struct LogPlace(int Attempt, long Offset)
{
    /// <summary>The place after which a stream begins: what an EventSource says when it connects anew, or the query.</summary>
    /// <exception cref="ApiException">It is none.</exception>
    internal static LogPlace? After(HttpContext http)
    {
        string? text = http.Request.Headers["Last-Event-ID"];
        string name = "Last-Event-ID";
        if (string.IsNullOrEmpty(text))
        {
            (text, name) = (http.Request.Query["after"], "after");
        }

        return string.IsNullOrEmpty(text) ? null
            : Parse(text) ?? throw ApiException.Bad($"{name} is the id of an event, such as 17, or 2:17 of a second attempt, not '{text}'.");
    }

    public override string ToString() => Attempt == 1
        ? Offset.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Attempt}:{Offset}");

    private static LogPlace? Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        int attempt = 1;
        return (colon < 0 || int.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out attempt) && attempt > 0)
            && long.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out long offset)
            ? new LogPlace(attempt, offset)
            : null;
    }
}
