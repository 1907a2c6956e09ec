using System.CommandLine;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>The options of every command.</summary>
internal sealed class SharedOptions
{
    public Flag Json { get; } = new("--json") { Description = "print the API's objects, one a line", Recursive = true };

    public Option<string?> Server { get; } = new("--server") { HelpName = "URL", Description = "the server (default: $DROVER_SERVER, else this machine's own); its token is taken from $DROVER_TOKEN", Recursive = true };

    public Option<string?> Data { get; } = new("--data") { HelpName = "DIR", Description = "the data folder of this machine's own server (default: $DROVER_DATA, else ~/.local/share/drover)", Recursive = true };

    public void AddTo(Command command)
    {
        command.Add(Json);
        command.Add(Server);
        command.Add(Data);
    }
}
