
namespace Drover.Protocol.Tests;

/// <summary>The checksum of transfers.</summary>
public sealed class Crc64Tests
{
    [Fact]
    public void It_is_CRC_64_NVME()
    {
        var crc = default(Crc64);
        crc.Append("123456789"u8);
        Assert.Equal(0xAE8B14860A799888, crc.Value); // The check value of the CRC catalogue.
        Assert.Equal("ae8b14860a799888", crc.ToString());
        byte[] wire = new byte[Crc64.Length];
        crc.Write(wire);
        Assert.Equal([0xAE, 0x8B, 0x14, 0x86, 0x0A, 0x79, 0x98, 0x88], wire);
    }

    [Fact]
    public void Long_runs_are_folded_to_the_same_value_however_they_are_cut()
    {
        var random = new Random(4);
        byte[] bytes = new byte[5000];
        random.NextBytes(bytes);
        for (int length = 0; length < bytes.Length; length += 1 + (length / 8))
        {
            ReadOnlySpan<byte> some = bytes.AsSpan(random.Next(bytes.Length - length), length);
            ulong expected = Slow(some);
            var whole = default(Crc64);
            whole.Append(some);
            Assert.Equal(expected, whole.Value);
            var parts = default(Crc64);
            int cut = random.Next(length + 1);
            parts.Append(some[..cut]);
            parts.Append(some[cut..]);
            Assert.Equal(expected, parts.Value);
            var pieces = default(Crc64);
            for (; some.Length > 0; some = some[Math.Min(some.Length, 63)..])
            {
                pieces.Append(some[..Math.Min(some.Length, 63)]); // Too short to be folded.
            }

            Assert.Equal(expected, pieces.Value);
        }
    }

    /// <summary>Bit by bit, as it is defined.</summary>
    private static ulong Slow(ReadOnlySpan<byte> bytes)
    {
        ulong state = ~0UL;
        foreach (byte each in bytes)
        {
            state ^= each;
            for (int bit = 0; bit < 8; bit++)
            {
                state = (state >> 1) ^ ((state & 1) * 0x9A6C9329AC4BC9B5);
            }
        }

        return ~state;
    }
}
