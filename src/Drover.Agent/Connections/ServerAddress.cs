using System.Text.Json;
using Drover.Protocol.Servers;

namespace Drover.Agent.Connections;

/// <summary>Where the server is, and the token for it: asked anew before each connection.</summary>
/// <param name="options">The agent's.</param>
internal sealed class ServerAddress(AgentOptions options)
{
    /// <summary>Finds out where the server is now.</summary>
    /// <exception cref="IOException">The file that should say so is not there or cannot be read.</exception>
    internal async Task<Uri> FindAsync()
    {
        string url = options.IsLocal ? await ReadServerFileAsync(options.Server) : options.Server;
        return new Uri(url.TrimEnd('/') + '/', UriKind.Absolute);
    }

    /// <summary>The address of something at a server, which may itself have a path (behind a proxy).</summary>
    internal static Uri Of(Uri server, string path) => new(server, path.TrimStart('/'));

    /// <summary>Reads the token.</summary>
    /// <exception cref="IOException">The file that it is in cannot be read.</exception>
    internal async Task<string> ReadTokenAsync() => options.Token
        ?? (await Blocking.RunAsync(() => File.ReadAllText(options.TokenFile!), situation: "the token's file")).Trim();

    private static async Task<string> ReadServerFileAsync(string path)
    {
        byte[] json = await Blocking.RunAsync(() => File.ReadAllBytes(path), situation: ServerFile.Name);
        try
        {
            return JsonSerializer.Deserialize(json, ProtocolJson.Default.ServerFile)!.Url;
        }
        catch (JsonException e)
        {
            throw new IOException($"{path} does not say where the server is: {e.Message}", e);
        }
    }
}
