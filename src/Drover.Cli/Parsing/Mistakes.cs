using System.CommandLine;
using System.CommandLine.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Parsing;

/// <summary>Says what is wrong with a command line, and what may have been meant.</summary>
internal static class Mistakes
{
    /// <summary>One sentence, or null.</summary>
    public static string? Find(ParseResult arguments, IReadOnlyList<string> words)
    {
        Command command = arguments.CommandResult.Command;
        string called = command is RootCommand ? "drover" : $"drover {Path(arguments.CommandResult)}";
        if (FindUnknown(arguments, words) is { } unknown)
        {
            bool isOption = unknown.StartsWith('-');
            string[] known = isOption ? [.. Options(arguments.CommandResult)] : [.. command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name)];
            string mistake = isOption ? $"{called} has no option '{unknown}'"
                : command.Subcommands.Count > 0 ? $"{called} has no command '{unknown}'"
                : $"{called} has no use for '{unknown}'";
            string advice = Spelling.Nearest(unknown.Split('=')[0], known) is { } nearest
                ? $"; did you mean '{nearest}'?"
                : $"; see `{called} --help`.";
            return mistake + advice;
        }

        if (arguments.Errors is not [var first, ..])
        {
            return null;
        }

        return first.SymbolResult is ArgumentResult { Tokens: [] } or CommandResult && IsLackingArgument(arguments, out string? lacking)
            ? $"{called} needs {lacking}; see `{called} --help`."
            : $"{first.Message.TrimEnd('.')}; see `{called} --help`.";
    }

    private static string? FindUnknown(ParseResult arguments, IReadOnlyList<string> words)
    {
        if (arguments.UnmatchedTokens is [var unmatched, ..])
        {
            return unmatched;
        }

        // What stands before a job's command and looks like an option was meant as one, unless "--" says otherwise.
        return arguments.CommandResult.Children.OfType<ArgumentResult>().FirstOrDefault(a => a.Argument.CaptureRemainingTokens) is { Tokens: [var word, ..] }
            && word.Value.StartsWith('-')
            && words.TakeWhile(w => w != word.Value).All(w => w != "--")
                ? word.Value
                : null;
    }

    private static bool IsLackingArgument(ParseResult arguments, out string? name)
    {
        name = arguments.CommandResult.Command.Arguments
            .Where(a => a.Arity.MinimumNumberOfValues > 0 && arguments.GetResult(a) is null or { Tokens.Count: 0 })
            .Select(a => a.HelpName ?? a.Name)
            .FirstOrDefault();
        return name is not null;
    }

    private static IEnumerable<string> Options(SymbolResult? result)
    {
        for (; result is not null; result = result.Parent)
        {
            foreach (Option option in (result as CommandResult)?.Command.Options ?? [])
            {
                yield return option.Name;
            }
        }
    }

    private static string Path(CommandResult result) =>
        result.Parent is CommandResult { Command: not RootCommand } parent ? $"{Path(parent)} {result.Command.Name}" : result.Command.Name;
}
