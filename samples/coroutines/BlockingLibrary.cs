using System.IO.Compression;
using System.Net;
using System.Net.Sockets;

namespace Drover.Samples;

/// <summary>A blocking library, used unchanged, while the heart beats on.</summary>
/// <remarks>
/// Notice:
/// - Download is ordinary blocking code: TcpClient, GZipStream and StreamReader know nothing of event loops. Called
///   through Blocking.RunAsync it has a thread for itself, and the loop is free.
/// - The server it reads from lives on the loop and sends a line with each heartbeat. Called on the loop's own thread,
///   Download would stop the heart, the server and so itself, for ever.
/// </remarks>
internal static class BlockingLibrary
{
    private static readonly string[] s_poem =
    [
        "The woods are lovely, dark and deep,",
        "But I have promises to keep,",
        "And miles to go before I sleep,",
        "And miles to go before I sleep.",
    ];

    /// <returns>What was downloaded.</returns>
    public static async Task<string[]> RunAsync(TextWriter output)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var heartbeat = new Event("heartbeat");

        return await TaskGroup.RunAsync(async group =>
        {
            group.Start(() => BeatAsync(heartbeat, output), "heart");
            group.Start(() => ServeAsync(listener, heartbeat), "server");
            string[] lines = await Blocking.RunAsync(() => Download(port, output), situation: "the download");
            group.Cancel("the download is complete");
            return lines;
        });
    }

    /// <summary>Blocks its thread.</summary>
    private static string[] Download(int port, TextWriter output)
    {
        var lines = new List<string>();
        using var client = new TcpClient("127.0.0.1", port);
        using var unzipped = new StreamReader(new GZipStream(client.GetStream(), CompressionMode.Decompress));
        while (unzipped.ReadLine() is { } line)
        {
            output.WriteLine($"  downloaded: {line}");
            lines.Add(line);
        }

        return [.. lines];
    }

    private static async Task BeatAsync(Event heartbeat, TextWriter output)
    {
        while (true)
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(100));
            output.WriteLine("heartbeat");
            heartbeat.Set(); // Wakes whoever waits now …
            heartbeat.Reset(); // … and who comes later waits for the next one.
        }
    }

    private static async Task ServeAsync(TcpListener listener, Event heartbeat)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync(CancelScope.Current.Token);
        await using var zipped = new StreamWriter(new GZipStream(client.GetStream(), CompressionLevel.Optimal));
        foreach (string line in s_poem)
        {
            await heartbeat.WaitAsync("the next heartbeat");
            await zipped.WriteLineAsync(line);
            await zipped.FlushAsync();
        }
    }
}
