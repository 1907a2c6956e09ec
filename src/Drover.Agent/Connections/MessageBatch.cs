using System.Buffers;
using System.Text.Json;

namespace Drover.Agent.Connections;

/// <summary>Messages on their way into one WebSocket message: a JSON array that is never too long.</summary>
internal sealed class MessageBatch
{
    private readonly ArrayBufferWriter<byte> _bytes = new(AgentProtocol.MaxMessageBytes);
    private readonly ArrayBufferWriter<byte> _one = new();

    internal MessageBatch() => Clear();

    /// <summary>Whether nothing was added.</summary>
    internal bool IsEmpty => _bytes.WrittenCount == 1;

    /// <summary>Adds a message, unless the array would become too long.</summary>
    internal bool TryAdd(AgentMessage message)
    {
        _one.ResetWrittenCount();
        using var json = new Utf8JsonWriter(_one);
        JsonSerializer.Serialize(json, message, ProtocolJson.Default.AgentMessage);
        if (_bytes.WrittenCount + 1 + _one.WrittenCount + 1 > AgentProtocol.MaxMessageBytes)
        {
            return false;
        }

        if (!IsEmpty)
        {
            _bytes.Write(","u8);
        }

        _bytes.Write(_one.WrittenSpan);
        return true;
    }

    /// <summary>The array. Valid until <see cref="Clear"/>.</summary>
    internal ReadOnlyMemory<byte> Complete()
    {
        _bytes.Write("]"u8);
        return _bytes.WrittenMemory;
    }

    /// <summary>Begins an empty array.</summary>
    internal void Clear()
    {
        _bytes.ResetWrittenCount();
        _bytes.Write("["u8);
    }
}
