using System.Text;

namespace Drover.Server.Api.Events;

/// <summary>Makes text of a log that is read in pieces: a character whose bytes come in two reads stays one.</summary>
/// <param name="position">At which byte of the log it begins.</param>
/// <param name="attempt">Whose log it is.</param>
internal sealed class LogPieces(long position, int attempt)
{
    private readonly byte[] _bytes = new byte[16 * 1024];
    private int _held;

    /// <summary>The place in the log after the last piece.</summary>
    internal long Position { get; private set; } = position;

    /// <summary>Where the next bytes go.</summary>
    internal Memory<byte> Space => _bytes.AsMemory(_held);

    /// <summary>Takes so many bytes from <see cref="Space"/>. Null when they are not a character yet.</summary>
    internal LogPiece? Add(int count)
    {
        _held += count;
        return Take(_held - Unfinished(_bytes.AsSpan(0, _held)));
    }

    /// <summary>At the end: what is no character and will not become one.</summary>
    internal LogPiece? TakeRest() => Take(_held);

    /// <summary>How many bytes at the end may be the beginning of a character.</summary>
    private static int Unfinished(ReadOnlySpan<byte> bytes)
    {
        for (int length = 1; length <= Math.Min(3, bytes.Length); length++)
        {
            byte one = bytes[^length];
            if ((one & 0b1100_0000) != 0b1000_0000) // It begins a character, or is one.
            {
                int whole = one >= 0xF0 ? 4 : one >= 0xE0 ? 3 : one >= 0xC0 ? 2 : 1;
                return whole > length ? length : 0;
            }
        }

        return 0;
    }

    private LogPiece? Take(int count)
    {
        if (count == 0)
        {
            return null;
        }

        var piece = new LogPiece(Position, Encoding.UTF8.GetString(_bytes, 0, count), attempt);
        Position += count;
        _bytes.AsSpan(count, _held - count).CopyTo(_bytes);
        _held -= count;
        return piece;
    }
}
