using System.CommandLine;

namespace Drover.Cli.Commands;

/// <summary>Holds what administrators do.</summary>
internal sealed class AdminCommand : DroverCommand
{
    public AdminCommand()
        : base("admin", "Make users and agents known, give them tokens and take these back")
    {
        Add(new AdminUserCommand());
        Add(new AdminAgentCommand());
        Add(new AdminTokenCommand());
        Add(new AdminTokensCommand());
        Add(new AdminRevokeCommand());
    }

    public override Task<int> RunAsync(ParseResult arguments, CommandContext context) =>
        throw new CliException(ExitCodes.WrongUsage, "drover admin needs to know what: `drover admin user NAME`, `drover admin agent --site SITE`, `drover admin token`, `drover admin tokens` or `drover admin revoke TOKEN`.");
}
