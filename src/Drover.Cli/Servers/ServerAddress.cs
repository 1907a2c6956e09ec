namespace Drover.Cli.Servers;

/// <summary>Which server a command talks to, and as whom.</summary>
/// <param name="Url">Its address.</param>
/// <param name="Token">The token.</param>
/// <param name="Folder">Its data folder, when it was found there; null when its address was given.</param>
internal sealed record ServerAddress(Uri Url, string Token, DataFolder? Folder)
{
    /// <summary>The server that is meant; null when it is this machine's own and none runs.</summary>
    public static ServerAddress? Find(string? serverOption, DataFolder folder, Func<string, string?> environment)
    {
        string? server = string.IsNullOrEmpty(serverOption) ? environment("DROVER_SERVER") : serverOption;
        string? token = environment("DROVER_TOKEN") is { Length: > 0 } given ? given.Trim() : null;
        if (token?.All(char.IsAsciiLetterOrDigit) == false && token.Any(c => c is <= ' ' or > '~'))
        {
            throw new CliException(ExitCodes.WrongUsage, "DROVER_TOKEN is no token: it contains blanks, line ends or letters that no token has.");
        }

        if (!string.IsNullOrEmpty(server))
        {
            return new ServerAddress(ParseUrl(server), token ?? TokenFor(server, folder), Folder: null);
        }

        return folder.ReadServerFile() is { } file && DataFolder.IsAlive(file)
            ? new ServerAddress(ParseUrl(file.Url), token ?? folder.ReadToken(), folder)
            : null;
    }

    private static Uri ParseUrl(string text) =>
        Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}", UriKind.Absolute, out Uri? url)
        && url.Scheme is "http" or "https"
            ? url
            : throw new CliException(ExitCodes.WrongUsage, $"'{text}' is no address of a server, such as https://drover.example.org.");

    /// <summary>The folder's own token is only for the folder's own server.</summary>
    private static string TokenFor(string server, DataFolder folder) =>
        folder.ReadServerFile() is { } file && ParseUrl(file.Url) == ParseUrl(server)
            ? folder.ReadToken()
            : throw new CliException(
                ExitCodes.WrongUsage, $"A token is needed for {server}: set DROVER_TOKEN to the one that its administrator gave you.");
}
