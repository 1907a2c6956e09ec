using System.CommandLine;
using System.Globalization;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Lists the tokens that are good.</summary>
internal sealed class AdminTokensCommand : DroverCommand
{
    public AdminTokensCommand()
        : base("tokens", "List the tokens that are good, without the tokens themselves")
    {
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        IReadOnlyList<TokenInfo> tokens = await context.Connect().ListTokensAsync();
        if (context.IsJson)
        {
            foreach (TokenInfo token in tokens)
            {
                context.WriteJson(token, ProtocolJson.Default.TokenInfo);
            }

            return ExitCodes.Success;
        }

        var table = new Table(new("TOKEN"), new("OF", CanBeCut: true), new("MADE"), new("EXPIRES"));
        foreach (TokenInfo token in tokens)
        {
            table.Add(
                Plain.Escape(token.Id),
                Plain.Escape(token.Agent is { } agent ? $"agent {agent}" : token.User),
                Day(token.CreatedAt),
                token.ExpiresAt is { } end ? Day(end) : "never");
        }

        context.Terminal.Write(table.Render(context.Terminal.Width, context.Terminal.HasColors));
        return ExitCodes.Success;
    }

    private static string Day(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
