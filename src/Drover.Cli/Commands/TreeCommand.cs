using System.CommandLine;
using System.Text.Json;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Shows the server's coroutines.</summary>
internal sealed class TreeCommand : DroverCommand
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Flag _watch = new("--watch", "-w") { Description = "again every second, until Ctrl-C" };

    public TreeCommand()
        : base("tree", "Show the server's coroutines, and what each waits for") => Add(_watch);

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        DroverClient client = context.Connect();
        bool watch = _watch.IsIn(arguments);
        using var timer = new PeriodicTimer(s_interval, context.Surroundings.Time);
        do
        {
            Show(context, await client.GetTreeAsync(), watch && context.Terminal.IsOutputTerminal);
        }
        while (watch && await timer.WaitForNextTickAsync());
        return ExitCodes.Success;
    }

    private static void Show(CommandContext context, string tree, bool inPlace)
    {
        if (context.IsJson)
        {
            context.Terminal.WriteLine($$"""{"tree":"{{JsonEncodedText.Encode(tree)}}"}""");
            return;
        }

        IEnumerable<string> lines = Plain.EscapeLines(tree).Split('\n');
        if (inPlace)
        {
            // From the top, each line over the one before, then what is left below: this does not flicker.
            context.Terminal.Write("\e[H" + string.Concat(lines.Select(l => $"{Plain.Cut(l, context.Terminal.Width)}\e[K\n")) + "\e[J");
        }
        else
        {
            context.Terminal.Write(string.Join('\n', lines) + "\n");
        }
    }
}
