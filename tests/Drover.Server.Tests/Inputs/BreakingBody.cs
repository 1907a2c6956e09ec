using Microsoft.AspNetCore.Connections;

namespace Drover.Server.Tests.Inputs;

/// <summary>The body of a request whose connection breaks after these bytes.</summary>
internal sealed class BreakingBody(ReadOnlyMemory<byte> bytes) : MemoryStream(bytes.ToArray())
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Position == Length ? throw new ConnectionResetException("The connection broke.") : base.ReadAsync(buffer, cancellationToken);
}
