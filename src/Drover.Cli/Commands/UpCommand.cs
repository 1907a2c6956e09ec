using System.CommandLine;
using System.Globalization;
using Drover.Cli.Parsing;
using Drover.Cli.Servers;

namespace Drover.Cli.Commands;

/// <summary>Starts the server of this machine.</summary>
internal sealed class UpCommand : DroverCommand
{
    private readonly Flag _foreground = new("--foreground") { Description = "be the server, instead of starting one in the background" };
    private readonly Option<string?> _config = new("--config") { HelpName = "FILE", Description = "the configuration (default: drover.yaml in the data folder, if there is one)" };
    private readonly ValueOption<int> _port = new("--port", Values.Number) { HelpName = "N", Description = "the port to listen on (default: as configured, else any free one)" };

    public UpCommand()
        : base("up", "Start the server of this machine")
    {
        Add(_foreground);
        Add(_config);
        Add(_port);
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        string? config = arguments.GetValue(_config) is { } file ? Path.GetFullPath(file, context.Surroundings.Directory) : null;
        int? port = _port.In(arguments);
        if (port is < 0 or > 65535)
        {
            throw new CliException(ExitCodes.WrongUsage, $"{port} is no port: it has to be 1 to 65535, or 0 for any that is free.");
        }

        if (_foreground.IsIn(arguments))
        {
            // Whatever the reason: as for the server in the background, of which no more can be told than its log says.
            return await Hosting.RunServerAsync(context.Surroundings.Program, context.Folder, config, port) == 0
                ? ExitCodes.Success
                : ExitCodes.ServerUnreachable;
        }

        DataFolder folder = context.Folder;
        ServerFile? running = folder.ReadServerFile() is { } known && DataFolder.IsAlive(known) ? known : null;
        ServerFile server = running
            ?? await new ServerStarter(context.Surroundings, folder).StartAsync(ToWords(config, port), CancellationToken.None);
        if (context.IsJson)
        {
            context.WriteJson(server, ProtocolJson.Default.ServerFile);
        }
        else
        {
            string runs = running is null ? "runs" : "was running already";
            context.Terminal.WriteLine($"The server {runs} at {server.Url} (process {server.ProcessId}; data in {folder.Path}; `drover down` stops it).");
        }

        return ExitCodes.Success;
    }

    private static string[] ToWords(string? config, int? port)
    {
        string[] words = config is null ? [] : ["--config", config];
        return port is null ? words : [.. words, "--port", port.Value.ToString(CultureInfo.InvariantCulture)];
    }
}
