using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Drover.Cli.Consoles;

namespace Drover.Cli.Following;

/// <summary>What a job wrote, as an object a line: <c>{"stream":"stdout","text":"…"}</c>. Bytes that are no UTF-8 become U+FFFD.</summary>
internal sealed class JsonLines(Terminal terminal, OutputKind kind) : OutputStream
{
    /// <summary>A line without an end is passed on in pieces.</summary>
    private const int MostBytes = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _line = new();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int end = buffer.IndexOf((byte)'\n') + 1;
            ReadOnlySpan<byte> piece = buffer[..Math.Min(end == 0 ? buffer.Length : end, MostBytes - _line.WrittenCount)];
            _line.Write(piece);
            buffer = buffer[piece.Length..];
            if (piece[^1] == (byte)'\n' || _line.WrittenCount >= MostBytes)
            {
                WriteLine();
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _line.WrittenCount > 0)
        {
            WriteLine();
        }

        base.Dispose(disposing);
    }

    private void WriteLine()
    {
        string stream = kind == OutputKind.Error ? "stderr" : "stdout";
        string text = JsonEncodedText.Encode(Encoding.UTF8.GetString(_line.WrittenSpan)).ToString();
        _line.ResetWrittenCount();
        terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"stream":"{{stream}}","text":"{{text}}"}"""));
    }
}
