using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Drover.Bench.Jobs.Load;

/// <summary>
/// An agent that runs nothing: it answers each attempt at once with its start and its end, exit code 0. It speaks the
/// agents' protocol over a real WebSocket, and reads and writes no more of the JSON than that needs: what it costs is
/// not what is measured.
/// </summary>
internal sealed class NoopAgent(Uri server, string token, string folder)
{
    private const int MaxMessageBytes = 64 * 1024;

    // A Started and an Ended are 250 bytes together.
    private const int FullEnough = MaxMessageBytes - 512;

    private readonly ArrayBufferWriter<byte> _answer = new(MaxMessageBytes);
    private long _lastEvent;

    /// <summary>Serves until the connection or the process ends.</summary>
    /// <param name="ready">Called when the server has accepted it.</param>
    public async Task RunAsync(Action ready)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        var address = new UriBuilder(new Uri(server, "/agent/v1/connect")) { Scheme = "ws" }.Uri;
        await socket.ConnectAsync(address, CancellationToken.None);
        await SendAsync(socket, $$"""
            [{"type":"hello","protocol":1,"version":"bench","folder":"{{folder}}","host":"bench","unixUser":"bench",
            "processId":{{Environment.ProcessId}},"cpus":1,"memoryBytes":1048576,"driver":"process","limits":[]}]
            """);
        var buffer = new byte[4096]; // Most agents of a thousand never get a long message.
        await ReceiveAsync(socket, buffer);
        await SendAsync(socket, """[{"type":"ready"}]""");
        ready();
        while (true)
        {
            (buffer, var length) = await ReceiveAsync(socket, buffer);
            if (length == 0)
            {
                return;
            }

            foreach (var attempt in Orders(buffer.AsSpan(0, length)))
            {
                Answer(attempt);
                if (_answer.WrittenCount > FullEnough)
                {
                    await FlushAsync(socket);
                }
            }

            await FlushAsync(socket);
        }
    }

    /// <summary>The attempts that a message asks to run.</summary>
    private static List<string> Orders(ReadOnlySpan<byte> message)
    {
        var attempts = new List<string>();
        var reader = new Utf8JsonReader(message);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 3 && reader.ValueTextEquals("attempt"u8))
            {
                reader.Read();
                attempts.Add(reader.GetString()!);
            }
        }

        return attempts;
    }

    private void Answer(string attempt)
    {
        var now = TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        var answer = string.Create(
            CultureInfo.InvariantCulture,
            $$$"""
            {{{(_answer.WrittenCount == 0 ? '[' : ',')}}}{"type":"started","event":{{{++_lastEvent}}},"attempt":"{{{attempt}}}","processId":1,"at":"{{{now}}}"},{"type":"ended","event":{{{++_lastEvent}}},"attempt":"{{{attempt}}}","end":{"ending":{"kind":"exited","code":0},"at":"{{{now}}}","evidence":"it runs nothing"}}
            """);
        Encoding.UTF8.GetBytes(answer, _answer);
    }

    private async Task FlushAsync(ClientWebSocket socket)
    {
        if (_answer.WrittenCount > 0)
        {
            _answer.Write("]"u8);
            await socket.SendAsync(_answer.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            _answer.ResetWrittenCount();
        }
    }

    private static Task SendAsync(ClientWebSocket socket, string message) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>A whole message, and the buffer that it is in; the length is 0 when the server has closed the connection.</summary>
    private static async Task<(byte[] Buffer, int Length)> ReceiveAsync(ClientWebSocket socket, byte[] buffer)
    {
        for (var length = 0; ;)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return (buffer, 0);
            }

            if (part.EndOfMessage)
            {
                return (buffer, length);
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, MaxMessageBytes);
            }
        }
    }
}
