using System.Globalization;
using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Drover.Client.Http;

/// <summary>One stream of events, over as many connections as it takes.</summary>
internal sealed class EventStream(ApiConnection connection, string path, long? after, IProgress<ProgressOfJob>? progress)
{
    /// <summary>The server says at least every 15 s that it is there.</summary>
    private static readonly TimeSpan s_longestSilence = TimeSpan.FromSeconds(45);

    private string? _after = after?.ToString(CultureInfo.InvariantCulture);

    /// <summary>The events; ends with a job's end when <paramref name="untilEnd"/>.</summary>
    public async IAsyncEnumerable<EventOfJob> ReadAsync(bool untilEnd, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Backoff backoff = connection.NewBackoff(isPatient: true);
        while (true)
        {
            ApiRequest request = ApiRequest.Get(_after is null ? path : $"{path}?after={_after}") with
            {
                IsPatient = true,
                Wait = Timeout.InfiniteTimeSpan,
            };
            using HttpResponseMessage response = await connection.SendAsync(request, backoff, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                yield break;
            }

            if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
            {
                throw connection.NotDrover(inner: null);
            }

            long began = connection.Options.Time.GetTimestamp();
            using var body = new WatchedStream(await response.Content.ReadAsStreamAsync(cancellationToken), s_longestSilence, connection.Options.Time);
            SseParser<(string Kind, byte[] Data)> parser = SseParser.Create(body, static (kind, data) => (kind, data.ToArray()));
            await using IAsyncEnumerator<SseItem<(string Kind, byte[] Data)>> items = parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await TryMoveAsync(items))
            {
                backoff.Succeeded();
                _after = items.Current.EventId ?? _after; // Not the parser's: it knows the id of an event that broke off.
                (string kind, byte[] data) = items.Current.Data;
                if (kind is "begin" or "progress")
                {
                    if (kind == "progress")
                    {
                        progress?.Report(Parse(data, ClientJson.Tolerant.ProgressOfJob));
                    }

                    continue;
                }

                EventOfJob happened = Parse(data, ClientJson.Tolerant.EventOfJob);
                yield return happened;
                if (untilEnd && happened.Kind is JobEventKind.Ended or JobEventKind.Purged)
                {
                    yield break;
                }
            }

            if (connection.Options.Time.GetElapsedTime(began) > s_longestSilence)
            {
                backoff.Succeeded(); // Nothing happened, but it worked.
            }

            if (!await backoff.TryPauseAsync(cancellationToken))
            {
                throw connection.Broken(new IOException("the server ends the stream of events again and again"), maySent: true);
            }
        }
    }

    /// <summary>False when the connection ended or broke: the next one goes on after the last event.</summary>
    private static async Task<bool> TryMoveAsync<T>(IAsyncEnumerator<T> items)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (Exception e) when (ApiConnection.IsBroken(e))
        {
            return false;
        }
    }

    private T Parse<T>(byte[] data, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(data, type) ?? throw connection.NotDrover(inner: null);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw connection.NotDrover(e);
        }
    }
}
