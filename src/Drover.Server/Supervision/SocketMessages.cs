using System.Buffers;
using System.Text.Json;

namespace Drover.Server.Supervision;

/// <summary>Makes WebSocket messages of what is said to an agent.</summary>
internal static class SocketMessages
{
    /// <summary>Puts messages together, in as few WebSocket messages as their limit allows.</summary>
    internal static IEnumerable<byte[]> Of(IReadOnlyList<ServerMessage> messages)
    {
        var frame = new ArrayBufferWriter<byte>(256);
        foreach (ServerMessage message in messages)
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(message, ProtocolJson.Default.ServerMessage);
            if (frame.WrittenCount > 0 && frame.WrittenCount + json.Length + 2 > AgentProtocol.MaxMessageBytes)
            {
                yield return Complete(frame);
            }

            frame.Write(frame.WrittenCount == 0 ? "["u8 : ","u8);
            frame.Write(json);
        }

        if (frame.WrittenCount > 0)
        {
            yield return Complete(frame);
        }
    }

    private static byte[] Complete(ArrayBufferWriter<byte> frame)
    {
        frame.Write("]"u8);
        byte[] complete = frame.WrittenSpan.ToArray();
        frame.ResetWrittenCount();
        return complete;
    }
}
