using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Cli.Consoles;
using Drover.Cli.Servers;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>What every command has: its surroundings, the options that all share, and the way to the server.</summary>
internal sealed class CommandContext(ParseResult arguments, Surroundings surroundings, SharedOptions options) : IDisposable
{
    /// <summary>Trouble that is over by then is not worth a word.</summary>
    private const int TriesBeforeAWord = 4;

    private DroverClient? _client;
    private BlockingHandler? _blocking;
    private int _tries;

    public Surroundings Surroundings { get; } = surroundings;

    public Terminal Terminal => Surroundings.Terminal;

    public bool IsJson { get; } = options.Json.IsIn(arguments);

    public DataFolder Folder => field ??= DataFolder.Find(arguments.GetValue(options.Data), Surroundings);

    public DateTimeOffset Now => Surroundings.Time.GetUtcNow();

    /// <summary>Whether the server is this machine's own rather than a given one.</summary>
    public bool IsOwnServer =>
        string.IsNullOrEmpty(arguments.GetValue(options.Server)) && string.IsNullOrEmpty(Surroundings.Environment("DROVER_SERVER"));

    /// <summary>The server's address; null when it is this machine's own and none runs.</summary>
    public ServerAddress? FindServer() =>
        ServerAddress.Find(arguments.GetValue(options.Server), Folder, Surroundings.Environment);

    /// <summary>The server. Sends nothing yet.</summary>
    /// <param name="isBrief">Whether all that is asked is answered at once, so that a thread may wait for it.</param>
    /// <exception cref="CliException">None runs.</exception>
    public DroverClient Connect(bool isBrief = false)
    {
        ServerAddress address = FindServer() ?? throw new CliException(
            ExitCodes.ServerUnreachable,
            $"No server runs with the data folder {Folder.Path}: start one with `drover up`, or name another with --data or --server.");
        _blocking ??= isBrief && address.Url.IsLoopback ? new BlockingHandler(address.Url) : null;
        return Connect(address);
    }

    /// <summary>The server. When it is this machine's own and none runs, one is started, and that is said.</summary>
    public async Task<DroverClient> ConnectOrStartAsync(CancellationToken cancellationToken)
    {
        if (FindServer() is { } address)
        {
            return Connect(address);
        }

        ServerFile file = await new ServerStarter(Surroundings, Folder).StartAsync([], cancellationToken);
        Terminal.Say($"started a server at {file.Url} (process {file.ProcessId}; data in {Folder.Path}; `drover down` stops it)");
        return Connect();
    }

    public DroverClient Connect(ServerAddress address) => _client ??= new DroverClient(new DroverClientOptions
    {
        Server = address.Url,
        Token = address.Token,
        RetryFor = TimeSpan.FromSeconds(3),
        FindServer = address.Folder is { } folder ? () => FindAgain(folder) : null,
        OnRetry = Notice,
        Handler = _blocking,
        Time = Surroundings.Time,
    });

    /// <summary>Writes an object of the API as one line.</summary>
    public void WriteJson<T>(T value, JsonTypeInfo<T> type) => Terminal.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>Says how to go on, for people only.</summary>
    public void Hint(string sentence)
    {
        if (!IsJson)
        {
            Terminal.Say(sentence);
        }
    }

    public void Dispose()
    {
        _client?.Dispose();
        _blocking?.Dispose();
    }

    private static Uri? FindAgain(DataFolder folder)
    {
        try
        {
            return folder.ReadServerFile() is { } file && Uri.TryCreate(file.Url, UriKind.Absolute, out Uri? url) ? url : null;
        }
        catch (CliException)
        {
            return null;
        }
    }

    private void Notice(DroverException? trouble)
    {
        if (trouble is null)
        {
            if (Interlocked.Exchange(ref _tries, 0) >= TriesBeforeAWord)
            {
                Terminal.Say("the server is back");
            }
        }
        else if (Interlocked.Increment(ref _tries) == TriesBeforeAWord)
        {
            Terminal.Say($"{Plain.EscapeLines(trouble.Message).TrimEnd('.')}; trying again");
        }
    }
}
