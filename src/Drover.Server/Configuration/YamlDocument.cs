using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Drover.Server.Configuration;

/// <summary>
/// Reads one YAML document from the parser's events. YamlDotNet's own representation model stops at the first key that
/// is there twice; here that is one mistake among the others.
/// </summary>
internal static class YamlDocument
{
    /// <summary>The value that a text holds; null when it holds none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="mistakes">Gets what is not understood; a wrong syntax ends the reading.</param>
    internal static YamlValue? Read(TextReader text, Mistakes mistakes)
    {
        var parser = new Parser(text);
        try
        {
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                return null;
            }

            YamlValue value = ReadValue(parser, mistakes);
            parser.Consume<DocumentEnd>();
            if (parser.Accept<DocumentStart>(out _))
            {
                mistakes.Add(Line(parser.Current!), "a second document begins here, and only one is read");
            }

            return value;
        }
        catch (YamlException e)
        {
            mistakes.Add((int)Math.Max(1, e.End.Line), $"this is not YAML: {Lower(e.Message)}");
            return null;
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet's scanner throws it for some mistakes, such as a brace that is not closed, and does not say where.
            mistakes.Add((int)Math.Max(1, parser.Current?.End.Line ?? 1), "this is not YAML: something that begins here or in the next line is wrong");
            return null;
        }
    }

    private static YamlValue ReadValue(Parser parser, Mistakes mistakes)
    {
        ParsingEvent begin = parser.Consume<ParsingEvent>();
        switch (begin)
        {
            case YamlDotNet.Core.Events.Scalar scalar:
                bool isNothing = scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null";
                return new YamlValue.Scalar(Line(scalar), scalar.Value, isNothing);
            case SequenceStart:
                var items = new List<YamlValue>();
                while (!parser.TryConsume<SequenceEnd>(out _))
                {
                    items.Add(ReadValue(parser, mistakes));
                }

                return new YamlValue.Sequence(Line(begin), items);
            case MappingStart:
                return ReadMapping(parser, Line(begin), mistakes);
            default:
                mistakes.Add(Line(begin), "references with * are not read: write the value itself");
                return new YamlValue.Scalar(Line(begin), "", IsNothing: true);
        }
    }

    private static YamlValue.Mapping ReadMapping(Parser parser, int line, Mistakes mistakes)
    {
        var entries = new List<(YamlValue.Scalar, YamlValue)>();
        var lines = new Dictionary<string, int>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            YamlValue key = ReadValue(parser, mistakes);
            YamlValue value = ReadValue(parser, mistakes);
            if (key is not YamlValue.Scalar { IsNothing: false } name)
            {
                mistakes.Add(key.Line, $"a key must be a word, not {key.Kind}");
            }
            else if (lines.TryGetValue(name.Text, out int first))
            {
                mistakes.Add(name.Line, string.Create(CultureInfo.InvariantCulture, $"'{name.Text}' is in line {first} already"));
            }
            else
            {
                lines.Add(name.Text, name.Line);
                entries.Add((name, value));
            }
        }

        return new YamlValue.Mapping(line, entries);
    }

    private static int Line(ParsingEvent happened) => (int)happened.Start.Line;

    private static string Lower(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..].TrimEnd('.');
}
