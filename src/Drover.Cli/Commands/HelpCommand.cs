using System.CommandLine;
using System.Text;
using Drover.Cli.Help;

namespace Drover.Cli.Commands;

/// <summary>Helps.</summary>
internal sealed class HelpCommand : DroverCommand
{
    /// <summary>What one sees who types <c>drover</c> alone: the five commands that one needs.</summary>
    public const string Essentials = """
        Drover runs jobs, and can always say what each one does, waits for, and why it ended.

          drover run COMMAND...    run a job: see what it writes, Ctrl-C ends it
          drover list              what is going on
          drover log -f ID         follow what a job writes
          drover explain ID        why it waits, or why it ended, and what to do next
          drover cancel ID         end it

        All commands and topics: drover help. About one: drover help NAME.

        """;

    private readonly Argument<string[]> _about = new("about") { HelpName = "COMMAND | TOPIC", Arity = ArgumentArity.ZeroOrMore };

    public HelpCommand()
        : base("help", "Show all commands and topics, or help about one") => Add(_about);

    public override Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        string[] about = arguments.GetValue(_about) ?? [];
        if (about is [var name] && HelpTopics.Find(name) is { } topic)
        {
            context.Terminal.WriteLine(topic.Text);
            return Task.FromResult(ExitCodes.Success);
        }

        RootCommand root = CommandLine.MakeRoot(new SharedOptions());
        if (about is [])
        {
            var text = new StringBuilder(CommandHelp.Of(root, context.Terminal.Width));
            CommandHelp.AppendTable(text, "topics (drover help TOPIC)", [.. HelpTopics.All.Select(t => (t.Name, t.About))], context.Terminal.Width);
            context.Terminal.Write(text.ToString());
            return Task.FromResult(ExitCodes.Success);
        }

        Command? command = root;
        foreach (string word in about)
        {
            command = command?.Subcommands.FirstOrDefault(c => c.Name == word && !c.Hidden);
        }

        if (command is null)
        {
            string[] known = [.. root.Subcommands.Where(c => !c.Hidden).Select(c => c.Name), .. HelpTopics.All.Select(t => t.Name)];
            string advice = Text.Spelling.Nearest(about[0], known) is { } nearest && about.Length == 1
                ? $"did you mean '{nearest}'?"
                : "`drover help` lists the commands and topics.";
            throw new CliException(ExitCodes.WrongUsage, $"There is no help about '{string.Join(' ', about)}'; {advice}");
        }

        context.Terminal.Write(CommandHelp.Of(command, context.Terminal.Width));
        return Task.FromResult(ExitCodes.Success);
    }
}
