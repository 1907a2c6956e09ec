using Drover.Cli.Consoles;

namespace Drover.Cli.Following;

/// <summary>Keeps the last bytes of what is written to it: at least <paramref name="most"/>, at most twice that.</summary>
internal sealed class LastBytes(int most) : OutputStream
{
    private readonly MemoryStream _kept = new();

    public ReadOnlyMemory<byte> Bytes => _kept.GetBuffer().AsMemory(0, (int)_kept.Length);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _kept.Write(buffer);
        if (_kept.Length > 2L * most)
        {
            byte[] last = Bytes[^most..].ToArray();
            _kept.SetLength(0);
            _kept.Write(last);
        }
    }
}
