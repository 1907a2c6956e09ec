using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Drover.Coroutines;

/// <summary>Bytes that were read and not yet taken, and the lines in them.</summary>
/// <param name="maxLine">The most bytes in a line.</param>
internal sealed class LineBuffer(int maxLine)
{
    private const int Smallest = 4096;
    private const byte NewLine = (byte)'\n';
    private byte[] _bytes = [];
    private int _start;
    private int _end;

    /// <summary>Up to here there is no end of a line.</summary>
    private int _searched;

    private Span<byte> Held => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Room to read more into.</summary>
    internal Memory<byte> Space()
    {
        if (_start > 0)
        {
            Held.CopyTo(_bytes);
            _searched -= _start;
            _end -= _start;
            _start = 0;
        }

        if (_bytes.Length - _end < Smallest / 2)
        {
            Array.Resize(ref _bytes, Math.Max(Smallest, _bytes.Length * 2));
        }

        return _bytes.AsMemory(_end);
    }

    internal void Added(int count) => _end += count;

    /// <summary>Takes bytes as they are; 0 when there are none.</summary>
    internal int Take(Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, _end - _start);
        Held[..count].CopyTo(buffer);
        Skip(count);
        return count;
    }

    /// <summary>Takes the next line, or the first piece of one that is too long.</summary>
    internal bool TryTakeLine([NotNullWhen(true)] out string? line)
    {
        int found = _bytes.AsSpan(_searched, _end - _searched).IndexOf(NewLine);
        int length = (found < 0 ? _end : _searched + found) - _start;
        if (length > maxLine)
        {
            int cut = WholeCharacters(maxLine);
            line = Encoding.UTF8.GetString(Held[..cut]);
            Skip(cut);
            return true;
        }

        if (found < 0)
        {
            _searched = _end;
            line = null;
            return false;
        }

        line = Encoding.UTF8.GetString(Held[..length].TrimEnd((byte)'\r'));
        Skip(length + 1);
        return true;
    }

    /// <summary>Takes what is left when there will be no more: a line without an end. Null when nothing is.</summary>
    internal string? TakeRest()
    {
        string? rest = _start == _end ? null : Encoding.UTF8.GetString(Held);
        Skip(_end - _start);
        return rest;
    }

    private void Skip(int count)
    {
        _start += count;
        _searched = Math.Max(_searched, _start);
        if (_start == _end)
        {
            _start = _end = _searched = 0;
        }
    }

    /// <summary>At most <paramref name="length"/>, without cutting a character in two, which would be shown as two broken ones.</summary>
    private int WholeCharacters(int length)
    {
        for (int back = 1; back < 4; back++)
        {
            int first = Held[length - back];
            int size = first switch { >= 0xF0 => 4, >= 0xE0 => 3, >= 0xC0 => 2, >= 0x80 => 0, _ => 1 };
            if (size > 0)
            {
                return size > back ? length - back : length;
            }
        }

        return length;
    }
}
