using System.Text;

namespace Drover.EndToEnd.Tests.Telemetry;

/// <summary>A Protocol Buffers message, as far as OTLP needs it (https://protobuf.dev/programming-guides/encoding/).</summary>
internal sealed class Wire
{
    private readonly List<(int Number, ulong Value, byte[] Bytes)> _fields = [];

    internal Wire(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            ulong tag = Varint(ref bytes);
            (int number, int kind) = ((int)(tag >> 3), (int)(tag & 7));
            switch (kind)
            {
                case 0:
                    _fields.Add((number, Varint(ref bytes), []));
                    break;
                case 1:
                    _fields.Add((number, BitConverter.ToUInt64(bytes), []));
                    bytes = bytes[8..];
                    break;
                case 2:
                    int length = (int)Varint(ref bytes);
                    _fields.Add((number, 0, bytes[..length].ToArray()));
                    bytes = bytes[length..];
                    break;
                case 5:
                    _fields.Add((number, BitConverter.ToUInt32(bytes), []));
                    bytes = bytes[4..];
                    break;
                default:
                    throw new InvalidDataException($"There is no wire type {kind}.");
            }
        }
    }

    internal IEnumerable<Wire> Messages(int number) => _fields.Where(field => field.Number == number).Select(field => new Wire(field.Bytes));

    internal Wire Message(int number) => Messages(number).Single();

    internal ulong Number(int number) => _fields.Single(field => field.Number == number).Value;

    internal string Text(int number) => Encoding.UTF8.GetString(Bytes(number));

    internal string Hex(int number) => Convert.ToHexStringLower(Bytes(number));

    /// <summary>The attributes in a field: pairs of a key and a value, which is shown as text.</summary>
    internal Dictionary<string, string> Attributes(int number) => Messages(number).ToDictionary(
        pair => pair.Text(1),
        pair => pair.Message(2)._fields is [var value, ..] ? value.Number == 1 ? Encoding.UTF8.GetString(value.Bytes) : $"{value.Value}" : "");

    private byte[] Bytes(int number) => _fields.Where(field => field.Number == number).Select(field => field.Bytes).SingleOrDefault() ?? [];

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
