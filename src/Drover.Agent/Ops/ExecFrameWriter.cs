using System.Buffers.Binary;
using Drover.Agent.Connections;

namespace Drover.Agent.Ops;

/// <summary>Writes the answer to an exec as <see cref="ExecFrames"/>, each at once: somebody may watch.</summary>
/// <param name="body">Where to; its back-pressure is the command's.</param>
internal sealed class ExecFrameWriter(Stream body)
{
    private readonly Slots _turn = new(1, "frames");
    private readonly byte[] _header = new byte[ExecFrames.HeaderLength];

    /// <summary>Writes a frame. Several coroutines may: their frames come one after the other.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    internal async Task WriteAsync(byte kind, ReadOnlyMemory<byte> payload)
    {
        using SlotLease turn = await _turn.AcquireAsync(situation: "the other stream's frame");
        Coroutine.Current.Situation = "the server to take more";
        _header[0] = kind;
        BinaryPrimitives.WriteInt32BigEndian(_header.AsSpan(1), payload.Length);
        try
        {
            CancellationToken canceled = CancelScope.Current.Token;
            await body.WriteAsync(_header, canceled);
            await body.WriteAsync(payload, canceled);
            await body.FlushAsync(canceled);
        }
        catch (Exception e) when (e is not IOException && NetworkErrors.Include(e))
        {
            throw new IOException($"The connection broke: {e.GetBaseException().Message}", e);
        }
    }
}
