using System.Text;

namespace Drover.Coroutines;

/// <summary>The last bytes of an output, of which there may be any number.</summary>
/// <param name="max">How many are kept.</param>
internal sealed class OutputTail(int max)
{
    private const int Smallest = 4096;
    private byte[] _bytes = [];
    private int _count;

    /// <summary>Whether there were more before those that are kept.</summary>
    internal bool IsCut { get; private set; }

    internal async Task ReadAsync(ProcessOutput output)
    {
        int count;
        do
        {
            count = await output.ReadAsync(Space());
            _count += count;
        }
        while (count > 0);
    }

    /// <summary>Takes what is in the pipe, without waiting for more.</summary>
    internal void TakeRest(ProcessOutput? output)
    {
        // As much as a pipe may hold, and not for ever: a child that was left behind may write faster than we read.
        const int Most = 1 << 20;
        int count = 1;
        for (int total = 0; output is not null && count > 0 && total < Most; total += count)
        {
            count = output.TryRead(Space().Span);
            _count += count;
        }
    }

    internal string Text()
    {
        Shorten();
        int start = 0;
        while (IsCut && start < _count && (_bytes[start] & 0xC0) == 0x80)
        {
            start++; // The rest of a character whose beginning was cut off.
        }

        return Encoding.UTF8.GetString(_bytes, start, _count - start);
    }

    private Memory<byte> Space()
    {
        if (_bytes.Length - _count < Smallest / 2)
        {
            if (_count > 2L * max)
            {
                Shorten();
            }
            else
            {
                Array.Resize(ref _bytes, Math.Max(Smallest, _bytes.Length * 2));
            }
        }

        return _bytes.AsMemory(_count);
    }

    private void Shorten()
    {
        if (_count > max)
        {
            _bytes.AsSpan(_count - max, max).CopyTo(_bytes);
            _count = max;
            IsCut = true;
        }
    }
}
