using Drover.Cli.Consoles;

namespace Drover.Cli.Tests;

/// <summary>A pipe whose reader has gone.</summary>
internal sealed class ClosedPipe : OutputStream
{
    public override void Write(ReadOnlySpan<byte> buffer) => throw new BrokenPipeException();
}
