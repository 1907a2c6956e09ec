using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Server.Storage;

namespace Drover.Server.Api.Events;

/// <summary>Events as they go over the wire (HTML Living Standard, 9.2: server-sent events).</summary>
internal static class EventFrame
{
    /// <summary>A comment: tells both sides, and everything between them, that the other one is there.</summary>
    internal static readonly byte[] Heartbeat = ": heartbeat\n\n"u8.ToArray();

    /// <summary>The first event of every stream: its id is the place that it begins after.</summary>
    internal static byte[] Begin(string id) => Encoding.ASCII.GetBytes($"id: {id}\nevent: begin\ndata: {{}}\n\n");

    /// <summary>A line of the audit trail; its id is its place there.</summary>
    internal static byte[] Of(JobEventRow row) => Of(
        Columns.Word(row.Kind),
        row.Sequence.ToString(CultureInfo.InvariantCulture),
        new EventOfJob
        {
            Job = row.Job,
            Sequence = row.Sequence,
            At = row.At,
            Attempt = row.Attempt,
            Kind = row.Kind,
            State = row.State,
            Actor = row.Actor,
            Cause = row.Cause,
            Evidence = row.Evidence,
        },
        ProtocolJson.Default.EventOfJob);

    /// <summary>An event whose data is an object as JSON, which has no line breaks of its own.</summary>
    /// <param name="name">The event's name.</param>
    /// <param name="id">Where to go on after it; null when nothing changes about that.</param>
    /// <param name="value">The data.</param>
    /// <param name="type">How that is written.</param>
    internal static byte[] Of<T>(string name, string? id, T value, JsonTypeInfo<T> type)
    {
        var frame = new ArrayBufferWriter<byte>(256);
        if (id is not null)
        {
            frame.Write(Encoding.ASCII.GetBytes($"id: {id}\n"));
        }

        frame.Write(Encoding.ASCII.GetBytes($"event: {name}\ndata: "));
        using (var json = new Utf8JsonWriter(frame))
        {
            JsonSerializer.Serialize(json, value, type);
        }

        frame.Write("\n\n"u8);
        return frame.WrittenSpan.ToArray();
    }
}
