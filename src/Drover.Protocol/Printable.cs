using System.Globalization;
using System.Text;

namespace Drover.Protocol;

/// <summary>Text from elsewhere, made fit for a terminal and for a log of lines.</summary>
public static class Printable
{
    /// <summary>
    /// The text with every character that a terminal would obey written out: <c>\n</c>, <c>\x1b</c>. So nobody's job name
    /// can move the cursor, change a title or turn the direction of writing.
    /// </summary>
    public static string Escape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 8);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsObeyed(rune))
            {
                escaped.Append(rune.Value switch
                {
                    '\n' => @"\n",
                    '\t' => @"\t",
                    '\r' => @"\r",
                    < 0x100 => string.Create(CultureInfo.InvariantCulture, $@"\x{rune.Value:x2}"),
                    _ => string.Create(CultureInfo.InvariantCulture, $@"\u{rune.Value:x4}"),
                });
            }
            else
            {
                escaped.Append(rune.ToString());
            }
        }

        return escaped.ToString();
    }

    /// <summary>The text on one line, its line ends as blanks, the rest as <see cref="Escape"/> makes it.</summary>
    public static string OneLine(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Escape(text.ReplaceLineEndings(" "));
    }

    private static bool IsObeyed(Rune rune) =>
        rune.Value is < 0x20 or (>= 0x7f and < 0xa0) or 0xfeff
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
