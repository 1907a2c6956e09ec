using System.Diagnostics;

namespace Drover.Chaos.Tests;

/// <summary>An agent that is started by hand, and reaches the server through the proxy.</summary>
/// <param name="drover">The installation that it belongs to.</param>
/// <param name="proxy">Its way to the server.</param>
/// <param name="site">Where it acts.</param>
/// <param name="folder">Its folder.</param>
internal sealed class FarAgent(Installation drover, Proxy proxy, string site, string folder)
{
    private string? _tokenFile;

    internal string Site => site;

    internal string Folder => folder;

    /// <summary>Starts it.</summary>
    internal async Task StartAsync()
    {
        if (_tokenFile is null)
        {
            CommandResult token = (await drover.RunAsync("admin", "agent", "--site", site)).Exits(0);
            _tokenFile = drover.PathOf($"{site}.token");
            await File.WriteAllTextAsync(_tokenFile, token.Text);
        }

        ProcessStartInfo start = drover.Command("agent", "--server", proxy.Url, "--token-file", _tokenFile, "--folder", folder);
        _ = drover.Start(start);
    }
}
