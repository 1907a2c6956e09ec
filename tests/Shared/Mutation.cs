using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Drover.Testing;

/// <summary>
/// What was good, changed at random into what may be anything. How much is tried depends on <c>DROVER_SOAK</c>; a seed in
/// <c>DROVER_SEED</c> is tried again.
/// </summary>
internal sealed class Mutation
{
    private static readonly string[] s_texts =
    [
        "", " ", "\0", "\n", "\r\n", "\e[2J", "\e]0;x\a", "\u202e", "\u2028", "\ufeff", "\ud83d", "😀", "é", "e\u0301", "%00", "%2e%2e%2f", "../../etc/passwd", "/", "//", "\\",
        "..", ".", "~", "-", "--", "-1", "0", "1", "00", "1e999", "NaN", "Infinity", "null", "true", "{}", "[]", "'", "\"", "' OR 1=1 --", "${HOME}", "$(id)", "`id`", "*", "**", "?", "[", "[!",
        "#", ";", "|", "&", "=", ":", ",", "1-", "1-100000", "0-99999999999", "1-5:0", "1,1", "18446744073709551616", "9223372036854775807", "-9223372036854775808", "0x10", "٣", "1_1", "17.1",
        "exited", "type", "kind", "99999d", "-5s", "1e9h", "5T", "00:00:00:00", "afterok:1", "%s%n", "a\tb", "!!binary", "&a *a", "<<", "---", "...",
    ];

    private static readonly string[] s_numbers =
    [
        "-1", "0", "1", "2", "0.5", "-0.0", "1e308", "1e999", "-1e999", "1e-400", "255", "256", "65536", "2147483647", "2147483648", "-2147483648", "9007199254740993",
        "9223372036854775807", "9223372036854775808", "18446744073709551616", "100000000000000000000000000000",
    ];

    private readonly Random _random;

    internal Mutation(int? seed = null)
    {
        Seed = seed ?? (int.TryParse(Environment.GetEnvironmentVariable("DROVER_SEED"), CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next());
        _random = new Random(Seed);
    }

    internal int Seed { get; }

    /// <summary>How much is tried: so often, and fifty times as often in soaks.</summary>
    internal static int Times(int usually) => Environment.GetEnvironmentVariable("DROVER_SOAK") is { Length: > 0 } ? 50 * usually : usually;

    internal int Next(int below) => _random.Next(below);

    internal bool OneIn(int count) => _random.Next(count) == 0;

    internal T One<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    /// <summary>A text that programs stumble over.</summary>
    internal string Odd() => OneIn(30) ? new string(One<char>(['x', '[', '\n', '0', '\ud83d']), 1 << _random.Next(4, 15)) : One(s_texts);

    /// <summary>A text, changed in a few places.</summary>
    internal string Text(string good)
    {
        var text = new StringBuilder(good);
        for (int i = _random.Next(1, 5); i > 0; i--)
        {
            int at = _random.Next(text.Length + 1);
            int length = Math.Min(text.Length - at, 1 << _random.Next(6));
            switch (_random.Next(5))
            {
                case 0:
                    text.Remove(at, length);
                    break;
                case 1:
                    text.Insert(at, text.ToString(at, length));
                    break;
                case 2 when at < text.Length:
                    text[at] = (char)_random.Next(1, 0x180);
                    break;
                case 3:
                    text.Insert(at, Odd());
                    break;
                default:
                    text.Insert(_random.Next(text.Length + 1), text.ToString(at, length));
                    break;
            }
        }

        return text.ToString();
    }

    /// <summary>Bytes, changed in a few places; a few may be no text at all.</summary>
    internal byte[] Bytes(byte[] good)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Text(Encoding.UTF8.GetString(good)));
        for (int i = OneIn(4) ? _random.Next(1, 4) : 0; i > 0 && bytes.Length > 0; i--)
        {
            bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
        }

        return bytes;
    }

    /// <summary>JSON, changed in a few places: mostly still JSON, of another shape or with other values.</summary>
    internal string Json(string good)
    {
        if (OneIn(8))
        {
            return Text(good);
        }

        JsonNode root = JsonNode.Parse(good)!;
        for (int i = _random.Next(1, 4); i > 0; i--)
        {
            root = Change(root) ?? JsonValue.Create("x");
        }

        // A number is put in as a marked text, because no type of .NET holds all of them.
        string json = root.ToJsonString();
        foreach (string number in s_numbers)
        {
            json = json.Replace($"\"number:{number}\"", number, StringComparison.Ordinal);
        }

        return json;
    }

    private JsonNode? Change(JsonNode root)
    {
        var all = new List<JsonNode>();
        Collect(root, all);
        JsonNode node = One(all);
        switch (_random.Next(6))
        {
            case 0 when node is JsonObject members && members.Count > 0:
                members.Remove(One([.. members.Select(member => member.Key)]));
                return root;
            case 1 when node is JsonObject members:
                members[OneIn(2) ? Odd() : "more"] = Value();
                return root;
            case 2 when node is JsonArray items && items.Count > 0:
                items.Add(One([.. items])?.DeepClone());
                return root;
            case 3 when node is JsonArray items:
                items.Add(Value());
                return root;
            case 4 when node is JsonValue && node.GetValueKind() == System.Text.Json.JsonValueKind.String:
                return Replace(root, node, JsonValue.Create(Text(node.GetValue<string>())));
            default:
                return Replace(root, node, Value());
        }
    }

    private static JsonNode? Replace(JsonNode root, JsonNode node, JsonNode? value)
    {
        if (node == root)
        {
            return value;
        }

        node.ReplaceWith(value);
        return root;
    }

    private JsonNode? Value() => _random.Next(8) switch
    {
        0 => null,
        1 => JsonValue.Create(OneIn(2)),
        2 => new JsonObject(),
        3 => new JsonArray(),
        4 => new JsonArray([.. Enumerable.Range(0, _random.Next(2000)).Select(i => JsonValue.Create(i % 7))]),
        5 => JsonValue.Create(Odd()),
        _ => JsonValue.Create($"number:{One(s_numbers)}"),
    };

    private static void Collect(JsonNode? node, List<JsonNode> all)
    {
        if (node is not null)
        {
            all.Add(node);
        }

        foreach (JsonNode? child in node switch { JsonObject members => members.Select(member => member.Value), JsonArray items => items, _ => [] })
        {
            Collect(child, all);
        }
    }
}
