using System.CommandLine;

namespace Drover.Cli.Completions;

/// <summary>A command line that is being typed, as far as it goes: what the word at the cursor is.</summary>
internal sealed class TypedLine
{
    private TypedLine(Command command) => Command = command;

    /// <summary>The command that the words before the cursor name.</summary>
    public Command Command { get; private set; }

    /// <summary>The option whose value is being typed; null for none.</summary>
    public Option? Option { get; private set; }

    /// <summary>The argument that is being typed; null when there is none left.</summary>
    public Argument? Argument { get; private set; }

    /// <summary>What was typed for the arguments before.</summary>
    public List<string> Values { get; } = [];

    /// <summary>Whether options cannot follow any more: after "--", or within a job's command.</summary>
    public bool IsBeyondOptions { get; private set; }

    /// <summary>Reads the words before the one at the cursor.</summary>
    public static TypedLine Read(RootCommand root, IReadOnlyList<string> before)
    {
        var line = new TypedLine(root);
        foreach (string word in before)
        {
            line.Take(word);
        }

        line.Argument = ArgumentAt(line.Command, line.Values.Count);
        return line;
    }

    /// <summary>The options that can be typed here.</summary>
    public IEnumerable<Option> Options() =>
        Command.Options.Concat(Command.Parents.OfType<Command>().SelectMany(p => p.Options.Where(o => o.Recursive))).Where(o => !o.Hidden);

    private static Argument? ArgumentAt(Command command, int index)
    {
        foreach (Argument argument in command.Arguments)
        {
            int most = argument.Arity.MaximumNumberOfValues;
            if (index < most)
            {
                return argument;
            }

            index -= most;
        }

        return null;
    }

    private void Take(string word)
    {
        if (Option is not null)
        {
            Option = null;
        }
        else if (IsBeyondOptions || word.Length == 0 || word[0] != '-')
        {
            TakeWord(word);
        }
        else if (word == "--")
        {
            IsBeyondOptions = true;
        }
        else if (Options().FirstOrDefault(o => o.Name == word || o.Aliases.Contains(word)) is { } option && option.Arity.MinimumNumberOfValues > 0)
        {
            Option = option;
        }
    }

    private void TakeWord(string word)
    {
        if (Command.Subcommands.FirstOrDefault(c => c.Name == word && !c.Hidden) is { } next && Values.Count == 0)
        {
            Command = next;
            return;
        }

        IsBeyondOptions |= ArgumentAt(Command, Values.Count) is { CaptureRemainingTokens: true };
        Values.Add(word);
    }
}
