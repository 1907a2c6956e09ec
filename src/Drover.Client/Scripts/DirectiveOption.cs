namespace Drover.Client.Scripts;

/// <summary>An option that a line of a script can have.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Letter">Its short form; zero for none.</param>
/// <param name="MustBe">What its value must be, for messages; null when it takes none.</param>
/// <param name="Apply">Adds the value, which is empty where none is taken; null when the value is wrong.</param>
/// <param name="Fault">What is wrong with a value, where there is more to say than what it must be.</param>
internal sealed record DirectiveOption(
    string Name, char Letter, string? MustBe, Func<ScriptDirectives, string, ScriptDirectives?> Apply, Func<string, string?>? Fault = null)
{
    public bool TakesValue => MustBe is not null;

    /// <summary>Reads all options of a line: <c>--name value</c>, <c>--name=value</c>, <c>-n value</c>, <c>-nvalue</c>.</summary>
    /// <param name="known">The options there are.</param>
    /// <param name="directives">What is known so far.</param>
    /// <param name="line">The line.</param>
    /// <param name="notes">Gets what is wrong.</param>
    /// <param name="onUnknown">Told of a word that is no known option, as written, with what seems to be its value.</param>
    public static ScriptDirectives Read(
        IReadOnlyList<DirectiveOption> known, ScriptDirectives directives, DirectiveLine line, DirectiveNotes notes, Action<string, string?> onUnknown)
    {
        if (line.Words() is not { } words)
        {
            notes.Refuse(line.Number, "a quote is not closed");
            return directives;
        }

        for (int i = 0; i < words.Count; i++)
        {
            (DirectiveOption? option, string name, string? value) = Find(known, words[i]);
            bool hasNext = i + 1 < words.Count;
            if (option is null)
            {
                onUnknown(name, value ?? (hasNext && name.StartsWith('-') && !words[i + 1].StartsWith('-') ? words[++i] : null));
                continue;
            }

            if (option.TakesValue && value is null && hasNext)
            {
                value = words[++i];
            }

            if (option.TakesValue != value is not null)
            {
                notes.Refuse(line.Number, option.TakesValue ? $"{name} needs a value: {option.MustBe}" : $"{name} takes no value");
            }
            else if (option.Apply(directives, value ?? "") is { } applied)
            {
                directives = applied;
            }
            else
            {
                notes.Refuse(
                    line.Number,
                    option.Fault?.Invoke(value ?? "") is { } fault ? $"{name}: {fault.TrimEnd('.')}" : $"{name} must be {option.MustBe}, not '{value}'");
            }
        }

        return directives;
    }

    private static (DirectiveOption? Option, string Name, string? Value) Find(IReadOnlyList<DirectiveOption> known, string word)
    {
        if (word is ['-', not '-', ..])
        {
            DirectiveOption? option = known.FirstOrDefault(o => o.Letter == word[1]);
            string rest = word[2..];
            return (option, word[..2], rest.Length == 0 ? null : rest.StartsWith('=') ? rest[1..] : rest);
        }

        int equals = word.IndexOf('=');
        string name = equals < 0 ? word : word[..equals];
        return (known.FirstOrDefault(o => o.Name == name), name, equals < 0 ? null : word[(equals + 1)..]);
    }
}
