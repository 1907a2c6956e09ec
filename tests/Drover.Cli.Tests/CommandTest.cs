using System.Text.Json;
using Drover.Cli.Following;

namespace Drover.Cli.Tests;

/// <summary>A command line in a folder of its own, and a fake server that its data folder leads to.</summary>
public abstract class CommandTest : IAsyncLifetime
{
    private readonly Dictionary<string, string> _environment = [];

    protected FakeServer Server { get; private set; } = null!;

    /// <summary>The folder where commands are typed.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("drover-cli-").FullName;

    protected string DataFolder => Path.Combine(Folder, "data");

    private protected Interrupts Interrupts { get; } = new();

    public async ValueTask InitializeAsync()
    {
        Server = await FakeServer.StartAsync();
        Directory.CreateDirectory(DataFolder);
        var file = new ServerFile
        {
            Url = Server.Url.ToString(),
            ProcessId = Environment.ProcessId,
            Version = "0",
            StartedAt = SomeJobs.Noon,
        };
        await File.WriteAllBytesAsync(Path.Combine(DataFolder, ServerFile.Name), JsonSerializer.SerializeToUtf8Bytes(file, ProtocolJson.Default.ServerFile));
        await File.WriteAllTextAsync(Path.Combine(DataFolder, "token"), FakeServer.Token + "\n");
        SetVariable("DROVER_DATA", DataFolder);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected void SetVariable(string name, string? value)
    {
        _environment.Remove(name);
        if (value is not null)
        {
            _environment[name] = value;
        }
    }

    private protected async Task<CommandResult> RunAsync(params string[] words) => await RunAsync(new CommandOutput(), words);

    private protected async Task<CommandResult> RunAsync(CommandOutput output, params string[] words)
    {
        var surroundings = new Surroundings
        {
            Terminal = output.Terminal,
            Environment = _environment.GetValueOrDefault,
            Directory = Folder,
            Program = ["/nowhere/drover"],
            Interrupts = Interrupts,
            Time = new StoppedTime(SomeJobs.Noon.AddSeconds(65)),
        };
        int exitCode = await CommandLine.RunAsync(words, surroundings);
        return new CommandResult(exitCode, output.Output, output.Error);
    }
}
