using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Drover.Protocol.Files;

/// <summary>
/// CRC-64/NVME of what is appended: the checksum that both ends of a transfer compare. It finds what happens to bytes on
/// their way by accident, as a cryptographic hash would, and takes a tenth of its time. It names nothing and proves nothing:
/// contents are named by their SHA-256.
/// </summary>
/// <remarks>
/// Long runs are folded by carry-less multiplication, 64 bytes at a time (Gopal and others, "Fast CRC Computation for
/// Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009), in the form for reflected bits. The factors are powers of
/// x modulo the polynomial.
/// </remarks>
public struct Crc64
{
    /// <summary>How long it is in bytes; on the wire the first is the most significant.</summary>
    public const int Length = 8;

    private const ulong Polynomial = 0x9A6C9329AC4BC9B5; // Reflected.
    private const int Lane = 16;
    private const int Lanes = 4;

    private static readonly ulong[] s_tables = MakeTables();
    private static readonly Vector128<long> s_overLanes = Factors(8 * Lane * Lanes);
    private static readonly Vector128<long> s_overOne = Factors(8 * Lane);

    private ulong _inverted;

    /// <summary>That of all that was appended.</summary>
    public readonly ulong Value => _inverted; // Complemented at the beginning and at the end: nothing has zero.

    /// <summary>Appends some bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        ulong state = ~_inverted;
        if (bytes.Length >= Lane * Lanes && Pclmulqdq.IsSupported)
        {
            int folded = bytes.Length & -Lane;
            state = Fold(state, bytes[..folded]);
            bytes = bytes[folded..];
        }

        _inverted = ~Update(state, bytes);
    }

    /// <summary>Writes it as it is on the wire.</summary>
    public readonly void Write(Span<byte> to) => BinaryPrimitives.WriteUInt64BigEndian(to, Value);

    /// <summary>As 16 hexadecimal digits in lower case.</summary>
    public override readonly string ToString() => Value.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Any number of bytes, eight at a time.</summary>
    private static ulong Update(ulong state, ReadOnlySpan<byte> bytes)
    {
        ref ulong table = ref MemoryMarshal.GetArrayDataReference(s_tables);
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            state ^= BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            ulong next = 0;
            for (int i = 0; i < 8; i++)
            {
                next ^= Unsafe.Add(ref table, (int)(((7 - i) << 8) | (byte)(state >> (8 * i))));
            }

            state = next;
        }

        foreach (byte each in bytes)
        {
            state = (state >> 8) ^ Unsafe.Add(ref table, (int)(byte)(state ^ each));
        }

        return state;
    }

    /// <summary>Whole lanes, at least as many as are folded at once.</summary>
    private static ulong Fold(ulong state, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<Vector128<long>> blocks = MemoryMarshal.Cast<byte, Vector128<long>>(bytes);
        Vector128<long> one = blocks[0] ^ Vector128.CreateScalar((long)state);
        Vector128<long> two = blocks[1];
        Vector128<long> three = blocks[2];
        Vector128<long> four = blocks[3];
        for (blocks = blocks[Lanes..]; blocks.Length >= Lanes; blocks = blocks[Lanes..])
        {
            one = Carry(one, s_overLanes) ^ blocks[0];
            two = Carry(two, s_overLanes) ^ blocks[1];
            three = Carry(three, s_overLanes) ^ blocks[2];
            four = Carry(four, s_overLanes) ^ blocks[3];
        }

        Vector128<long> all = Carry(Carry(Carry(one, s_overOne) ^ two, s_overOne) ^ three, s_overOne) ^ four;
        foreach (Vector128<long> block in blocks)
        {
            all = Carry(all, s_overOne) ^ block;
        }

        Span<byte> rest = stackalloc byte[Lane];
        all.AsByte().CopyTo(rest);
        return Update(0, rest);
    }

    /// <summary>Moves a lane ahead, by as much as the factors say.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<long> Carry(Vector128<long> lane, Vector128<long> factors) =>
        Pclmulqdq.CarrylessMultiply(lane, factors, 0x00) ^ Pclmulqdq.CarrylessMultiply(lane, factors, 0x11);

    /// <summary>For the halves of a lane that is moved ahead by so many bits. A product of reflected factors is one bit short.</summary>
    private static Vector128<long> Factors(int bits) => Vector128.Create((long)PowerOfX(bits + 64 - 1), (long)PowerOfX(bits - 1));

    private static ulong PowerOfX(int power)
    {
        ulong value = 1UL << 63; // Reflected one.
        for (int i = 0; i < power; i++)
        {
            value = TimesX(value);
        }

        return value;
    }

    private static ulong TimesX(ulong value) => (value >> 1) ^ ((value & 1) * Polynomial);

    /// <summary>Eight tables: what each byte becomes after none to seven more bytes.</summary>
    private static ulong[] MakeTables()
    {
        ulong[] tables = new ulong[8 << 8];
        for (int i = 0; i < 256; i++)
        {
            ulong value = (ulong)i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = TimesX(value);
            }

            tables[i] = value;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            ulong before = tables[i - 256];
            tables[i] = (before >> 8) ^ tables[(byte)before];
        }

        return tables;
    }
}
