using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Drover.Client.Transfers;

/// <summary>
/// Inputs that have been hashed and are asked about together. Those that are small are in its memory, each behind a line
/// with its hash and length: as the server takes them, many in one request.
/// </summary>
internal sealed class InputBatch : IDisposable
{
    /// <summary>What is no longer than this goes into packs.</summary>
    internal const int SmallBytes = 128 << 10;

    private const int MostFiles = 2_000;
    private const int Capacity = 4 << 20;
    private const int LineBytes = InputRules.HashLength + 8;

    private byte[] _pack = ArrayPool<byte>.Shared.Rent(Capacity);
    private int _end;

    /// <summary>The small files, and where each begins in the pack, with its line.</summary>
    public List<(LocalInput Input, int Begin)> Small { get; } = [];

    /// <summary>The others.</summary>
    public List<LocalInput> Large { get; } = [];

    /// <summary>Whether it is time to send it.</summary>
    public bool IsFull => _end > Capacity - LineBytes - SmallBytes || Small.Count + Large.Count >= MostFiles;

    /// <summary>The hashes that are known, each once.</summary>
    public IEnumerable<string> Hashes => Small.Select(each => each.Input).Concat(Large).Select(input => input.Hash).OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>Reads and hashes a small file.</summary>
    /// <exception cref="InputRefusedException">It cannot be read, or has changed since it was found.</exception>
    public void AddSmall(LocalInput input)
    {
        int length = (int)input.Facts.Length;
        string digits = length.ToString(CultureInfo.InvariantCulture);
        int line = InputRules.HashLength + 1 + digits.Length + 1;
        ContentReader.ReadSmall(input, _pack.AsSpan(_end + line, length));
        Encoding.ASCII.GetBytes($"{input.Hash} {digits}\n", _pack.AsSpan(_end));
        Small.Add((input, _end));
        _end += line + length;
    }

    /// <summary>Leaves in the pack only what is missing, once each. Returns how many files and bytes of contents that is.</summary>
    /// <param name="missing">The hashes of what is missing; those of small files are taken out.</param>
    public (int Files, long Bytes) Keep(HashSet<string> missing)
    {
        int end = 0;
        int files = 0;
        long bytes = 0;
        for (int i = 0; i < Small.Count; i++)
        {
            (LocalInput input, int begin) = Small[i];
            if (missing.Remove(input.Hash!))
            {
                int length = (i + 1 < Small.Count ? Small[i + 1].Begin : _end) - begin;
                Buffer.BlockCopy(_pack, begin, _pack, end, length);
                end += length;
                files++;
                bytes += input.Facts.Length;
            }
        }

        _end = end;
        return (files, bytes);
    }

    /// <summary>The pack as the body of a request.</summary>
    public HttpContent Body() =>
        new ByteArrayContent(_pack, 0, _end) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_pack);
        _pack = [];
    }
}
