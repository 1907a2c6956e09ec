using System.CommandLine;

namespace Drover.Cli.Commands;

/// <summary>Makes an agent known.</summary>
internal sealed class AdminAgentCommand : DroverCommand
{
    private readonly Option<string> _site = new("--site") { HelpName = "SITE", Description = "where it acts; a new site is made", Required = true };
    private readonly Option<string?> _user = new("--user") { HelpName = "USER", Description = "for whom it acts (default: you)" };
    private readonly ValidOption _valid = new();

    public AdminAgentCommand()
        : base("agent", "Make an agent known and print its token, which is told this once")
    {
        Add(_site);
        Add(_user);
        Add(_valid);
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        DroverClient client = context.Connect();
        IssuedToken token = await client.CreateAgentAsync(new NewAgent { Site = arguments.GetValue(_site)!, User = arguments.GetValue(_user), ValidSeconds = _valid.Seconds(arguments) });
        if (context.IsJson)
        {
            context.WriteJson(token, ProtocolJson.Default.IssuedToken);
            return ExitCodes.Success;
        }

        context.Terminal.WriteLine(token.Token);
        context.Hint(
            $"this is the token of {token.Name}, told this once{ValidOption.Until(token)}; over there save it in a file that only its user may read, and start "
            + $"`drover agent --server {client.Options.Server} --token-file FILE`");
        return ExitCodes.Success;
    }
}
