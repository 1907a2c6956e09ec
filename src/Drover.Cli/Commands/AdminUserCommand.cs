using System.CommandLine;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>Makes a user.</summary>
internal sealed class AdminUserCommand : DroverCommand
{
    private readonly Argument<string> _name = new("name") { HelpName = "NAME" };
    private readonly Flag _isAdmin = new("--admin") { Description = "who may administer the server" };
    private readonly ValidOption _valid = new();

    public AdminUserCommand()
        : base("user", "Make a user and print the token, which is told this once")
    {
        Add(_name);
        Add(_isAdmin);
        Add(_valid);
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        IssuedToken token = await context.Connect().CreateUserAsync(new NewUser
        {
            Name = arguments.GetValue(_name)!,
            IsAdmin = _isAdmin.IsIn(arguments),
            ValidSeconds = _valid.Seconds(arguments),
        });
        if (context.IsJson)
        {
            context.WriteJson(token, ProtocolJson.Default.IssuedToken);
            return ExitCodes.Success;
        }

        context.Terminal.WriteLine(token.Token);
        context.Hint($"this is the token of {token.Name}, told this once{ValidOption.Until(token)}; they set DROVER_SERVER to this server's address and DROVER_TOKEN to the token");
        return ExitCodes.Success;
    }
}
