using System.Diagnostics;
using System.Text.Json;
using Drover.Protocol;
using Drover.Protocol.Servers;

namespace Drover.Samples.Tests;

/// <summary>A data folder of a Drover server for one test. Disposing it ends whatever was started for it.</summary>
/// <param name="folder">Where it is in a home folder of its own.</param>
internal sealed class DroverData(string folder = "") : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    /// <summary>A folder that goes with it.</summary>
    internal string Home { get; } = Directory.CreateTempSubdirectory("drover-sample-").FullName;

    internal string Path => System.IO.Path.Combine(Home, folder);

    internal string Token => File.ReadAllText(System.IO.Path.Combine(Path, "token")).Trim();

    /// <summary>Waits until a server runs, and returns its address.</summary>
    internal async Task<string> UrlAsync()
    {
        string file = System.IO.Path.Combine(Path, ServerFile.Name);
        await UntilAsync(() => File.Exists(file), "a server");
        return JsonSerializer.Deserialize(await File.ReadAllBytesAsync(file), ProtocolJson.Default.ServerFile)!.Url;
    }

    /// <summary>Waits for something.</summary>
    internal static async Task UntilAsync(Func<bool> condition, string what)
    {
        long began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < s_patience, $"waited in vain for {what}");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await UntilAsync(
            () =>
            {
                Process[] left = [.. Process.GetProcesses().Where(IsOurs)];
                Array.ForEach(left, process => process.Kill());
                return left.Length == 0;
            },
            "the end of agents");
        Directory.Delete(Home, recursive: true);
    }

    /// <summary>Agents, keepers and servers have the folder among their arguments, jobs in their environment.</summary>
    private bool IsOurs(Process process)
    {
        try
        {
            return process.Id != Environment.ProcessId
                && (File.ReadAllText($"/proc/{process.Id}/cmdline").Contains(Path) || File.ReadAllText($"/proc/{process.Id}/environ").Contains(Path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // It has ended.
        }
    }
}
