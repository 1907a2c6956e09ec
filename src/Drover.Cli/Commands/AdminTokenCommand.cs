using System.CommandLine;

namespace Drover.Cli.Commands;

/// <summary>Makes another token of a user.</summary>
internal sealed class AdminTokenCommand : DroverCommand
{
    private readonly Option<string?> _user = new("--user") { HelpName = "USER", Description = "whose (default: yours)" };
    private readonly ValidOption _valid = new();

    public AdminTokenCommand()
        : base("token", "Make another token of a user and print it, which is told this once")
    {
        Add(_user);
        Add(_valid);
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        IssuedToken token = await context.Connect().CreateTokenAsync(new NewToken { User = arguments.GetValue(_user), ValidSeconds = _valid.Seconds(arguments) });
        if (context.IsJson)
        {
            context.WriteJson(token, ProtocolJson.Default.IssuedToken);
            return ExitCodes.Success;
        }

        context.Terminal.WriteLine(token.Token);
        context.Hint($"this is another token of {token.Name}, told this once{ValidOption.Until(token)}; `drover admin revoke {token.Id}` takes it back");
        return ExitCodes.Success;
    }
}
