namespace Drover.Agent;

/// <summary>What an agent is told when it is started.</summary>
public sealed record AgentOptions
{
    /// <summary>
    /// The server's address (<c>https://drover.example.org</c>), or the path of its <c>server.json</c>, which is read
    /// anew before each connection: a local server has another port after each start.
    /// </summary>
    public required string Server { get; init; }

    /// <summary>Where it keeps what outlives it: its records and the run directories.</summary>
    public required string Folder { get; init; }

    /// <summary>Its token. Default: that of <see cref="TokenFile"/>, else of the variable <see cref="AgentProgram.TokenVariable"/>.</summary>
    public string? Token { get; init; }

    /// <summary>A file with its token, read anew before each connection.</summary>
    public string? TokenFile { get; init; }

    /// <summary>What it is called in its log. Default: the server tells.</summary>
    public string? Name { get; init; }

    /// <summary>After how long without work it ends. Default: as the server says.</summary>
    public TimeSpan? IdleTime { get; init; }

    /// <summary>How long a server that refuses connections is left alone at most. Default: 30 s, or half a second for a local one.</summary>
    public TimeSpan? LongestPause { get; init; }

    /// <summary>Whether <see cref="Server"/> is the path of a <c>server.json</c>.</summary>
    internal bool IsLocal => !Server.Contains("://", StringComparison.Ordinal);

    /// <summary>What is wrong with it, in a sentence; null when nothing is.</summary>
    internal string? FindMistake()
    {
        if (string.IsNullOrWhiteSpace(Server))
        {
            return "The agent needs to know its server: --server https://… or the path of a server.json.";
        }

        if (!IsLocal && !(Uri.TryCreate(Server, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"))
        {
            return $"'{Server}' is no address of a server: it has to begin with http:// or https://.";
        }

        if (string.IsNullOrWhiteSpace(Folder))
        {
            return "The agent needs a folder to keep its records in: --folder DIR.";
        }

        if (string.IsNullOrWhiteSpace(Token) && string.IsNullOrWhiteSpace(TokenFile))
        {
            return $"The agent needs its token: set {AgentProgram.TokenVariable}, or name a file with --token-file.";
        }

        return IdleTime <= TimeSpan.Zero || LongestPause <= TimeSpan.Zero
            ? "The idle time and the longest pause have to be longer than nothing."
            : null;
    }

    /// <summary>Where it belongs, without the token.</summary>
    public override string ToString() => $"agent of {Server} in {Folder}";
}
