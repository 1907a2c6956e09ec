using System.CommandLine;
using System.CommandLine.Help;
using Drover.Cli.Commands;
using Drover.Cli.Consoles;
using Drover.Cli.Help;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli;

/// <summary>Finds the command that is meant, runs it, and tells what went wrong.</summary>
internal static class CommandLine
{
    /// <summary>Every command, in the order in which help shows them. Made only when needed: making all takes longer than most run.</summary>
    private static readonly (string Name, Func<SharedOptions, DroverCommand> Make)[] s_commands =
    [
        ("run", _ => new RunCommand()),
        ("submit", _ => new SubmitCommand()),
        ("workflow", _ => new WorkflowCommand()),
        ("list", _ => new ListCommand()),
        ("show", _ => new ShowCommand()),
        ("log", _ => new LogCommand()),
        ("explain", _ => new ExplainCommand()),
        ("cancel", _ => new CancelCommand()),
        ("wait", _ => new WaitCommand()),
        ("hold", _ => new HoldCommand()),
        ("release", _ => new ReleaseCommand()),
        ("change", _ => new ChangeCommand()),
        ("files", _ => new FilesCommand()),
        ("get", _ => new GetCommand()),
        ("exec", _ => new ExecCommand()),
        ("pin", _ => new PinCommand()),
        ("unpin", _ => new UnpinCommand()),
        ("up", _ => new UpCommand()),
        ("down", _ => new DownCommand()),
        ("agents", _ => new AgentsCommand()),
        ("tree", _ => new TreeCommand()),
        ("admin", _ => new AdminCommand()),
        ("agent", options => new AgentCommand(options)),
        ("keeper", _ => new KeeperCommand()),
        ("complete", _ => new CompleteCommand()),
        ("completion", _ => new CompletionCommand()),
        ("version", _ => new VersionCommand()),
        ("help", _ => new HelpCommand()),
    ];

    /// <summary>Runs a command line and returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] words, Surroundings surroundings)
    {
        if (words is [])
        {
            surroundings.Terminal.Write(HelpCommand.Essentials);
            return ExitCodes.Success;
        }

        if (words is ["--version"])
        {
            words = ["version"];
        }

        if (words.Any(w => w.Contains('\uFFFD')) && !surroundings.AreArgumentsText())
        {
            // Otherwise the job would be given other bytes than were typed.
            surroundings.Terminal.Say("an argument is not UTF-8 text, and would not reach the job as it is: rename the file, or put the bytes into a script.");
            return ExitCodes.WrongUsage;
        }

        var options = new SharedOptions();
        ParseResult arguments = MakeRoot(options, words[0]).Parse(words, new ParserConfiguration
        {
            ResponseFileTokenReplacer = null, // A command's "@file" is the command's.
        });
        if (arguments.Action is HelpAction)
        {
            if (arguments.CommandResult.Command is not DroverCommand about)
            {
                return await RunAsync(["help"], surroundings);
            }

            surroundings.Terminal.Write(CommandHelp.Of(about, surroundings.Terminal.Width));
            return ExitCodes.Success;
        }

        if (Mistakes.Find(arguments, words) is { } mistake)
        {
            surroundings.Terminal.Say(Plain.EscapeLines(mistake));
            return ExitCodes.WrongUsage;
        }

        if (arguments.CommandResult.Command is not DroverCommand command)
        {
            surroundings.Terminal.Write(HelpCommand.Essentials);
            return ExitCodes.WrongUsage;
        }

        using var context = new CommandContext(arguments, surroundings, options);
        return await RunAsync(command, arguments, context);
    }

    /// <summary>The commands, for help and for suggestions; not those that drover calls itself with.</summary>
    public static RootCommand MakeRoot(SharedOptions options, string? only = null)
    {
        var root = new RootCommand("Drover runs long jobs, and can always say what each one does, waits for, and why it ended.");
        root.Directives.Clear();
        root.Options.Remove(root.Options.First(o => o is VersionOption));
        options.AddTo(root);
        bool isOne = false;
        foreach ((string name, _) in s_commands)
        {
            isOne |= name == only;
        }

        foreach ((string name, Func<SharedOptions, DroverCommand> make) in s_commands)
        {
            if (!isOne || name == only)
            {
                root.Add(make(options));
            }
        }

        return root;
    }

    private static async Task<int> RunAsync(DroverCommand command, ParseResult arguments, CommandContext context)
    {
        try
        {
            return await command.RunAsync(arguments, context);
        }
        catch (BrokenPipeException)
        {
            return ExitCodes.BrokenPipe;
        }
        catch (Exception e) when (Failures.IsExpected(e))
        {
            return Failures.Tell(context.Surroundings, e, context.IsJson, context.IsOwnServer);
        }
        catch (Exception e) when (command is not (UpCommand or AgentCommand or KeeperCommand))
        {
            // Those write logs, where the whole of it belongs.
            string details = string.IsNullOrEmpty(context.Surroundings.Environment("DROVER_DEBUG")) ? "; DROVER_DEBUG=1 shows where" : $"\n{e}";
            context.Terminal.Say($"this is a mistake in drover: {e.GetType().Name}: {e.Message}{details}");
            return ExitCodes.RequestFailed;
        }
    }
}
