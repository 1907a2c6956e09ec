using System.CommandLine;
using System.CommandLine.Help;
using System.Text;
using Drover.Cli.Text;

namespace Drover.Cli.Help;

/// <summary>Help about a command, as wide as the terminal and no wider than is read well.</summary>
internal static class CommandHelp
{
    private const int WidestText = 110;
    private const int WidestTerm = 30;

    /// <summary>The help.</summary>
    /// <param name="command">About which.</param>
    /// <param name="width">How many columns there are.</param>
    public static string Of(Command command, int width)
    {
        width = Math.Clamp(width, 20, WidestText);
        var text = new StringBuilder();
        AppendWrapped(text, command.Description ?? "", "", width);
        text.Append('\n');
        AppendWrapped(text, Usage(command), "  ", width);
        AppendTable(text, "arguments", [.. command.Arguments.Where(a => !a.Hidden && a.Description is { Length: > 0 }).Select(a => (Term(a), a.Description!))], width);
        AppendTable(text, "options", [.. command.Options.Where(o => !o.Hidden && !o.Recursive).Select(o => (Term(o), About(o)))], width);
        AppendTable(text, "commands", [.. command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, c.Description ?? ""))], width);
        AppendTable(text, "options of every command", [.. Shared(command).Where(o => !o.Hidden && o.Recursive).Select(o => (Term(o), About(o)))], width);
        return text.ToString();
    }

    /// <summary>Terms with what they mean, which is wrapped beside them, or below where there is no room.</summary>
    public static void AppendTable(StringBuilder text, string heading, IReadOnlyList<(string Term, string About)> rows, int width)
    {
        if (rows.Count == 0)
        {
            return;
        }

        text.Append('\n').Append(heading).Append(":\n");
        int column = Math.Min(rows.Max(r => r.Term.Length), WidestTerm) + 4;
        bool isNarrow = width - column < 24;
        foreach ((string term, string about) in rows)
        {
            string indent = new(' ', isNarrow ? 6 : column);
            if (isNarrow || term.Length > WidestTerm)
            {
                text.Append("  ").Append(term).Append('\n').Append(indent);
            }
            else
            {
                text.Append("  ").Append(term).Append(' ', column - 2 - term.Length);
            }

            AppendWrapped(text, about, indent, width, indent.Length);
        }
    }

    private static IEnumerable<Option> Shared(Command command) =>
        command is RootCommand ? command.Options : command.Parents.OfType<Command>().SelectMany(p => p.Options.Concat(p.Parents.OfType<Command>().SelectMany(g => g.Options)));

    private static string Usage(Command command)
    {
        IEnumerable<string> path = command.Parents.OfType<Command>().Where(p => p is not RootCommand).Select(p => p.Name);
        string[] words =
        [
            "drover",
            .. path,
            .. command is RootCommand ? Array.Empty<string>() : [command.Name],
            .. command.Subcommands.Count > 0 ? ["COMMAND"] : Array.Empty<string>(),
            .. command.Options.Where(o => o.Required).Select(o => $"{o.Name} {o.HelpName}"),
            "[OPTION...]",
            .. command.Arguments.Where(a => !a.Hidden).Select(Term),
        ];
        return "usage: " + string.Join(' ', words);
    }

    private static string Term(Argument argument)
    {
        string name = argument.HelpName ?? argument.Name.ToUpperInvariant();
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static string Term(Option option)
    {
        string names = option is HelpOption ? "-h, --help" : string.Join(", ", option.Aliases.Append(option.Name).Distinct().OrderBy(n => n.Length));
        return option.Arity.MaximumNumberOfValues > 0 && option.HelpName is { } value ? $"{names} {value}" : names;
    }

    private static string About(Option option) => option is HelpOption ? "show this" : option.Description ?? "";

    private static void AppendWrapped(StringBuilder text, string sentence, string indent, int width, int column = 0)
    {
        bool isFirst = true;
        foreach (string word in sentence.Split(' '))
        {
            if (!isFirst && column + 1 + Plain.Columns(word) > width)
            {
                text.Append('\n').Append(indent);
                column = indent.Length;
            }
            else if (!isFirst)
            {
                text.Append(' ');
                column++;
            }

            text.Append(word);
            column += Plain.Columns(word);
            isFirst = false;
        }

        text.Append('\n');
    }
}
