using System.CommandLine;

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

        All commands: drover help. About one: drover COMMAND --help. Exit codes: drover help exit-codes.

        """;

    private readonly Argument<string[]> _about = new("about") { HelpName = "COMMAND | exit-codes", Arity = ArgumentArity.ZeroOrMore };

    public HelpCommand()
        : base("help", "Show all commands, or help about one, or the exit codes") => Add(_about);

    public override Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        string[] about = arguments.GetValue(_about) ?? [];
        if (about is ["exit-codes"])
        {
            context.Terminal.WriteLine(ExitCodes.Table);
            return Task.FromResult(ExitCodes.Success);
        }

        // Only words that are commands: what stands behind `run` would be a job.
        return about is [] or ["admin", "user" or "agent"] || (about is [var command] && CommandLine.IsCommand(command))
            ? CommandLine.RunAsync([.. about, "--help"], context.Surroundings)
            : throw new CliException(
                ExitCodes.WrongUsage, $"There is no help about '{string.Join(' ', about)}': name one command, as `drover help` lists them, or exit-codes.");
    }
}
