using System.CommandLine;
using Drover.Cli.Servers;

namespace Drover.Cli.Commands;

/// <summary>Is the keeper; agents start it.</summary>
internal sealed class KeeperCommand : DroverCommand
{
    private readonly Option<string> _folder = new("--folder") { HelpName = "DIR", Description = "the agent's folder", Required = true };

    public KeeperCommand()
        : base("keeper", "Be what starts an agent's jobs and outlives it")
    {
        Hidden = true;
        Add(_folder);
    }

    public override Task<int> RunAsync(ParseResult arguments, CommandContext context) =>
        Task.FromResult(Hosting.RunKeeper(Path.GetFullPath(arguments.GetValue(_folder)!, context.Surroundings.Directory)));
}
