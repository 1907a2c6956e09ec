using System.CommandLine;

namespace Drover.Cli.Commands;

/// <summary>Revokes tokens.</summary>
internal sealed class AdminRevokeCommand : DroverCommand
{
    private readonly Argument<string[]> _tokens = new("token") { HelpName = "TOKEN...", Description = "as `drover admin tokens` shows them", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _user = new("--user") { HelpName = "USER", Description = "all of this user, and of the user's agents" };

    public AdminRevokeCommand()
        : base("revoke", "Revoke tokens: they open nothing any more, at once")
    {
        Add(_tokens);
        Add(_user);
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        DroverClient client = context.Connect();
        var tokens = new List<string>(arguments.GetValue(_tokens) ?? []);
        if (arguments.GetValue(_user) is { } user)
        {
            tokens.AddRange((await client.ListTokensAsync()).Where(token => token.User == user).Select(token => token.Id));
        }
        else if (tokens.Count == 0)
        {
            throw new CliException(ExitCodes.WrongUsage, "drover admin revoke needs to know which: TOKEN, as `drover admin tokens` shows it, or --user USER.");
        }

        foreach (string token in tokens.Distinct())
        {
            await client.RevokeTokenAsync(token);
        }

        int count = tokens.Distinct().Count();
        context.Hint(count == 1 ? "it is revoked" : $"{count} tokens are revoked");
        return ExitCodes.Success;
    }
}
