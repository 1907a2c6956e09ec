using System.Globalization;
using System.Text;

namespace Drover.Cli.Text;

/// <summary>Text from elsewhere, made fit for a terminal.</summary>
internal static class Plain
{
    /// <inheritdoc cref="Printable.Escape"/>
    public static string Escape(string text) => Printable.Escape(text);

    /// <summary>Escaped line by line, for text that has lines.</summary>
    public static string EscapeLines(string text) => string.Join('\n', text.TrimEnd('\n').Split('\n').Select(Escape));

    /// <summary>How many columns it takes.</summary>
    public static int Columns(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text.Length;
        }

        int columns = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            columns += Columns(rune);
        }

        return columns;
    }

    /// <summary>The text, cut with an ellipsis when it takes more than so many columns.</summary>
    public static string Cut(string text, int columns)
    {
        if (Columns(text) <= columns)
        {
            return text;
        }

        var kept = new StringBuilder();
        int left = Math.Max(columns, 1) - 1;
        foreach (Rune rune in text.EnumerateRunes())
        {
            left -= Columns(rune);
            if (left < 0)
            {
                break;
            }

            kept.Append(rune.ToString());
        }

        return kept.Append('…').ToString();
    }

    private static int Columns(Rune rune) => rune.Value switch
    {
        < 0x300 => 1,
        (>= 0x1100 and <= 0x115f) or (>= 0x2e80 and <= 0xa4cf) or (>= 0xac00 and <= 0xd7a3) or (>= 0xf900 and <= 0xfaff)
            or (>= 0xfe30 and <= 0xfe6f) or (>= 0xff00 and <= 0xff60) or (>= 0x1f300 and <= 0x1faff) or (>= 0x20000 and <= 0x3fffd) => 2,
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? 0 : 1,
    };
}
