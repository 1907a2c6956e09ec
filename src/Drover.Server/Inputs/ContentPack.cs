using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Drover.Protocol.Files;

namespace Drover.Server.Inputs;

/// <summary>Many small contents in one body: each follows a line with its SHA-256 and its length.</summary>
internal sealed class ContentPack : IDisposable
{
    /// <summary>What a body claims to be long is believed up to here; beyond that room is made as it comes.</summary>
    private const int Believed = 8 << 20;

    private const int MostGrowth = 16 << 20;

    private const int LongestLine = InputRules.HashLength + 8;
    private const int MostContents = 10_000;

    private byte[] _body;
    private int _length;

    private ContentPack(long expected) => _body = ArrayPool<byte>.Shared.Rent((int)Math.Min(expected + 1, Believed));

    /// <summary>The contents; they are in this object's memory.</summary>
    public List<SmallContent> Contents { get; } = [];

    /// <summary>Reads all of it.</summary>
    /// <param name="body">Where from.</param>
    /// <param name="expected">How long it will be, when that is known.</param>
    /// <param name="admission">The leave to upload it.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<ContentPack> ReadAsync(Stream body, long? expected, InputAdmission admission, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, admission.Silence);
        var pack = new ContentPack(expected ?? Believed);
        try
        {
            while (true)
            {
                admission.BeginWait();
                int count = await body.ReadAsync(pack.Room(), ending.Token).ConfigureAwait(false);
                admission.EndWait();
                if (count == 0)
                {
                    return pack;
                }

                pack._length += count;
            }
        }
        catch
        {
            pack.Dispose();
            throw;
        }
    }

    /// <summary>Finds the contents, and sees that each is what its hash says. Takes the processor for a while.</summary>
    /// <exception cref="InputException">It is no pack, or one of them is something else.</exception>
    public void Unpack()
    {
        Span<byte> actual = stackalloc byte[SHA256.HashSizeInBytes];
        for (int at = 0; at < _length;)
        {
            (int lineLength, int length) = ReadLine(_body.AsSpan(at, _length - at));
            Memory<byte> hash = _body.AsMemory(at, SHA256.HashSizeInBytes); // Its bytes take the place of its digits.
            Convert.FromHexString(_body.AsSpan(at, InputRules.HashLength), actual, out _, out _);
            actual.CopyTo(hash.Span);
            ReadOnlyMemory<byte> content = _body.AsMemory(at + lineLength, length);
            SHA256.HashData(content.Span, actual);
            if (!actual.SequenceEqual(hash.Span))
            {
                throw InputException.Mismatch(Convert.ToHexStringLower(hash.Span));
            }

            if (Contents.Count == MostContents)
            {
                throw Bad($"A pack has at most {MostContents} contents: send the others in another one.");
            }

            Contents.Add(new SmallContent(hash, content));
            at += lineLength + length;
        }
    }

    public void Dispose()
    {
        GiveBack(_body);
        _body = [];
    }

    /// <summary>Reads the line before a content. Returns how long both are.</summary>
    private static (int Line, int Content) ReadLine(ReadOnlySpan<byte> rest)
    {
        int end = rest[..Math.Min(rest.Length, LongestLine)].IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = rest[..(end < 0 ? Math.Min(rest.Length, LongestLine) : end)];
        string text = Encoding.Latin1.GetString(line);
        if (end < 0 || line.Length < InputRules.HashLength + 2 || !InputRules.IsHash(text[..InputRules.HashLength]) || text[InputRules.HashLength] != ' '
            || !int.TryParse(line[(InputRules.HashLength + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int length))
        {
            throw Bad($"In a pack each content follows a line with its SHA-256 in lower case hexadecimal, a blank and its length in bytes, and there is {InputRules.Show(text)} instead.");
        }

        if (length > InputStore.SmallBytes)
        {
            throw Bad($"A content in a pack has at most {Quantities.Bytes(InputStore.SmallBytes)}, and {text[..InputRules.HashLength]} has {Quantities.Bytes(length)}: upload it by itself.");
        }

        return length > rest.Length - end - 1
            ? throw Bad($"The pack ends within the content {text[..InputRules.HashLength]}: upload it again.")
            : (end + 1, length);
    }

    private static InputException Bad(string message) => new("badRequest", message);

    private Memory<byte> Room()
    {
        if (_length == _body.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(_body.Length + Math.Min(_body.Length, MostGrowth));
            _body.AsSpan(0, _length).CopyTo(larger);
            GiveBack(_body);
            _body = larger;
        }

        return _body.AsMemory(_length);
    }

    /// <summary>What is larger than clients send is not kept for the next one.</summary>
    private static void GiveBack(byte[] body)
    {
        if (body.Length is > 0 and <= 2 * Believed)
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }
}
