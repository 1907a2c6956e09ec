using Drover.Cli.Consoles;

namespace Drover.Cli.Following;

/// <summary>A stream into the terminal's output or error stream, which keeps clear of the live line.</summary>
internal sealed class PassedOn(Terminal terminal, OutputKind kind) : OutputStream
{
    public override void Write(ReadOnlySpan<byte> buffer) => terminal.Pass(buffer, kind == OutputKind.Error);
}
