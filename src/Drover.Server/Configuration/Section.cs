using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Drover.Server.Configuration;

/// <summary>
/// The keys of one part of a file. Whoever reads it asks for each key that there can be; what is wrong becomes a mistake,
/// and the answer then is as if the key were missing.
/// </summary>
internal sealed class Section
{
    private readonly Dictionary<string, YamlValue> _values;
    private readonly YamlValue.Mapping _mapping;
    private readonly Mistakes _mistakes;
    private readonly List<string> _known = [];

    private Section(YamlValue.Mapping mapping, Mistakes mistakes)
    {
        _mapping = mapping;
        _mistakes = mistakes;
        _values = mapping.Entries.ToDictionary(e => e.Key.Text, e => e.Value);
    }

    /// <summary>Where it begins.</summary>
    internal int Line => _mapping.Line;

    /// <summary>Reads a part: <paramref name="read"/> asks for all it knows; other keys then are mistakes.</summary>
    internal static T Read<T>(YamlValue? value, string what, Mistakes mistakes, Func<Section, T> read)
    {
        if (value is not (null or YamlValue.Mapping or YamlValue.Scalar { IsNothing: true }))
        {
            mistakes.Add(value.Line, $"{what} must be keys with values, not {value.Kind}");
        }

        var section = new Section(value as YamlValue.Mapping ?? new YamlValue.Mapping(value?.Line ?? 1, []), mistakes);
        T result = read(section);
        section.RefuseOthers();
        return result;
    }

    /// <summary>The part below a key.</summary>
    internal T Part<T>(string key, Func<Section, T> read) =>
        Read(TryGet(key, out YamlValue? value) ? value : null, $"'{key}'", _mistakes, read);

    /// <summary>The parts in a list below a key.</summary>
    internal IReadOnlyList<T> Parts<T>(string key, Func<Section, T> read)
    {
        if (!TryGet(key, out YamlValue? value))
        {
            return [];
        }

        if (value is YamlValue.Sequence list)
        {
            return [.. list.Items.Select(item => Read(item, $"an item of '{key}'", _mistakes, read))];
        }

        _mistakes.Add(value.Line, $"'{key}' must be a list, with a dash before each item, not {value.Kind}");
        return [];
    }

    /// <summary>What a text means; null when the key is missing or it means nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="mustBe">What it must be, for the message: <c>a size, such as 4G</c>.</param>
    /// <param name="parse">Finds out; null when it is something else.</param>
    internal T? Value<T>(string key, string mustBe, Func<string, T?> parse)
        where T : struct
    {
        if (!TryGet(key, out YamlValue? value))
        {
            return null;
        }

        T? result = value is YamlValue.Scalar scalar ? parse(scalar.Text) : null;
        if (result is null)
        {
            _mistakes.Add(value.Line, $"'{key}' must be {mustBe}, not {value.Kind}");
        }

        return result;
    }

    /// <summary>A text that has to be there.</summary>
    internal string? RequiredText(string key, string mustBe, Func<string, bool> isRight)
    {
        if (!TryGet(key, out _))
        {
            _mistakes.Add(Line, $"'{key}' is missing here");
            return null;
        }

        return Text(key, mustBe, isRight);
    }

    /// <summary>A text; null when the key is missing or it is not right.</summary>
    internal string? Text(string key, string mustBe, Func<string, bool> isRight)
    {
        if (!TryGet(key, out YamlValue? value))
        {
            return null;
        }

        if (value is YamlValue.Scalar scalar && isRight(scalar.Text))
        {
            return scalar.Text;
        }

        _mistakes.Add(value.Line, $"'{key}' must be {mustBe}, not {value.Kind}");
        return null;
    }

    /// <summary>A whole number.</summary>
    internal int? Whole(string key, int least, int most) => Value<int>(
        key,
        string.Create(CultureInfo.InvariantCulture, $"a whole number from {least}{(most == int.MaxValue ? "" : $" to {most}")}"),
        text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : null);

    /// <summary>A number in the unit that the key names.</summary>
    internal double? Number(string key, double least, double most) => Value<double>(
        key,
        string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"),
        text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most
            ? number
            : null);

    /// <summary>One of some words, in any case.</summary>
    internal T? Choice<T>(string key, IReadOnlyDictionary<string, T> words)
        where T : struct
    {
        if (!TryGet(key, out YamlValue? value))
        {
            return null;
        }

        if (value is YamlValue.Scalar scalar)
        {
            foreach ((string word, T meaning) in words)
            {
                if (word.Equals(scalar.Text, StringComparison.OrdinalIgnoreCase))
                {
                    return meaning;
                }
            }
        }

        string guess = value is YamlValue.Scalar other ? DidYouMean(other.Text, words.Keys) : "";
        _mistakes.Add(value.Line, $"'{key}' must be one of {string.Join(", ", words.Keys)}, not {value.Kind}{guess}");
        return null;
    }

    private static string DidYouMean(string word, IEnumerable<string> known) =>
        Words.Nearest(word, known) is { } nearest ? $"; did you mean '{nearest}'?" : "";

    // A key without a value counts as missing: people comment out what is below it.
    private bool TryGet(string key, [NotNullWhen(true)] out YamlValue? value)
    {
        _known.Add(key);
        return _values.TryGetValue(key, out value) && value is not YamlValue.Scalar { IsNothing: true };
    }

    private void RefuseOthers()
    {
        foreach ((YamlValue.Scalar key, _) in _mapping.Entries.Where(e => !_known.Contains(e.Key.Text)))
        {
            string guess = DidYouMean(key.Text, _known);
            _mistakes.Add(key.Line, $"'{key.Text}' is not known here{(guess is "" ? $"; there is {string.Join(", ", _known)}" : guess)}");
        }
    }
}
