using System.CommandLine;

namespace Drover.Cli.Commands;

/// <summary>Holds what administrators do.</summary>
internal sealed class AdminCommand : DroverCommand
{
    public AdminCommand()
        : base("admin", "Make users and agents known, and get their tokens")
    {
        Add(new AdminUserCommand());
        Add(new AdminAgentCommand());
    }

    public override Task<int> RunAsync(ParseResult arguments, CommandContext context) =>
        throw new CliException(ExitCodes.WrongUsage, "drover admin needs to know what: `drover admin user NAME` or `drover admin agent --site SITE`.");
}
