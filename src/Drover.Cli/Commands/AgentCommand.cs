using System.CommandLine;
using Drover.Agent;
using Drover.Cli.Servers;

namespace Drover.Cli.Commands;

/// <summary>Is an agent.</summary>
internal sealed class AgentCommand : DroverCommand
{
    private readonly Option<string?> _serverFile = new("--server-file") { HelpName = "PATH", Description = "the server.json of a server on this machine, read before each connection", Hidden = true };
    private readonly Option<string?> _token = new("--token") { HelpName = "TOKEN", Description = "its token; others on this machine can see it, --token-file is better (default: $DROVER_AGENT_TOKEN)" };
    private readonly Option<string?> _tokenFile = new("--token-file") { HelpName = "FILE", Description = "a file with its token" };
    private readonly Option<string?> _folder = new("--folder") { HelpName = "DIR", Description = "where it keeps its records and the run directories (default: ~/.local/state/drover/agent)" };
    private readonly SharedOptions _shared;

    public AgentCommand(SharedOptions shared)
        : base("agent", "Be an agent: run jobs here, for a server elsewhere")
    {
        _shared = shared;
        Add(_serverFile);
        Add(_token);
        Add(_tokenFile);
        Add(_folder);
    }

    public override Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        Func<string, string?> environment = context.Surroundings.Environment;
        string? serverFile = Absolute(arguments.GetValue(_serverFile), context);
        string server = serverFile ?? arguments.GetValue(_shared.Server) ?? environment("DROVER_SERVER")
            ?? throw new CliException(ExitCodes.WrongUsage, "The agent needs to know its server: --server https://…");
        string folder = Absolute(arguments.GetValue(_folder), context) ?? Path.Combine(
            environment("XDG_STATE_HOME") is { Length: > 0 } state ? state : Path.Combine(environment("HOME") ?? "/", ".local", "state"),
            "drover",
            "agent");
        return Task.FromResult(Hosting.RunAgent(context.Surroundings.Program, new AgentOptions
        {
            Server = server,
            Token = arguments.GetValue(_token),
            TokenFile = Absolute(arguments.GetValue(_tokenFile), context),
            Folder = folder,
        }));
    }

    private static string? Absolute(string? path, CommandContext context) =>
        string.IsNullOrEmpty(path) ? null : Path.GetFullPath(path, context.Surroundings.Directory);
}
