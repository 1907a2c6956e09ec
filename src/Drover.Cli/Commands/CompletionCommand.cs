using System.CommandLine;
using Drover.Cli.Completions;

namespace Drover.Cli.Commands;

/// <summary>Prints what makes a shell complete drover's words.</summary>
internal sealed class CompletionCommand : DroverCommand
{
    private readonly Argument<string> _shell = new("shell") { HelpName = "bash|zsh|fish", Description = "the script says in its first lines where it belongs" };

    public CompletionCommand()
        : base("completion", "Print a script that makes bash, zsh or fish complete commands, options, jobs and files") => Add(_shell);

    public override Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        string shell = arguments.GetValue(_shell) ?? "";
        context.Terminal.Write(shell switch
        {
            "bash" => ShellScripts.Bash,
            "zsh" => ShellScripts.Zsh,
            "fish" => ShellScripts.Fish,
            _ => throw new CliException(ExitCodes.WrongUsage, $"There is no completion for '{shell}', but for bash, zsh and fish."),
        });
        return Task.FromResult(ExitCodes.Success);
    }
}
