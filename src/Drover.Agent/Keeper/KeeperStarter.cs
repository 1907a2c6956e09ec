using Drover.Agent.Drivers;

namespace Drover.Agent.Keeper;

/// <summary>Connects to the keeper of a folder, and starts one when none runs.</summary>
/// <param name="folder">The folder.</param>
/// <param name="command">The program that is a keeper, and its first arguments; <c>--folder DIR</c> is added.</param>
internal sealed class KeeperStarter(KeeperFolder folder, IReadOnlyList<string> command)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Its folder.</summary>
    internal KeeperFolder Folder => folder;

    /// <summary>A new connection.</summary>
    /// <exception cref="DriverException">No keeper runs, and none can be started.</exception>
    internal async Task<LoopSocket> ConnectAsync()
    {
        if (await folder.TryConnectAsync() is { } socket)
        {
            return socket;
        }

        try
        {
            await Blocking.RunAsync(folder.Create);
            int process = await Subprocess.StartDetachedAsync(new ProcessSpec(command[0], [.. command.Skip(1), "--folder", folder.FullPath])
            {
                WorkingDirectory = folder.FullPath,
                Output = OutputTarget.File(folder.Log, append: true),
                Error = OutputTarget.SameAsOutput,
            });
            Outcome<LoopSocket> connected = await CancelScope.MoveOnAfterAsync(s_patience, () => WaitForAsync(process));
            return connected.TryGetValue(out socket)
                ? socket
                : throw new DriverException($"The keeper (process {process}) does not listen. Its log is '{folder.Log}'.");
        }
        catch (Exception e) when (e is ProcessStartException or IOException or UnauthorizedAccessException)
        {
            throw new DriverException($"The keeper cannot be started: {e.Message}", inner: e);
        }
    }

    /// <summary>It has no one to tell that it listens, so it is tried: a few times within the tenth of a second that it takes.</summary>
    private async Task<LoopSocket> WaitForAsync(int process)
    {
        TimeSpan pause = s_pause;
        bool wasGone = false;
        while (true)
        {
            await Coroutine.SleepAsync(pause, "the keeper to listen");
            if (await folder.TryConnectAsync() is { } socket)
            {
                return socket;
            }

            bool isGone = Libc.kill(process, 0) != 0;
            if (isGone && wasGone && pause == s_longestPause)
            {
                throw new DriverException($"The keeper ended at once: {await Blocking.RunAsync(LastLine)}");
            }

            wasGone = isGone; // Once more: another keeper may have been faster, and may listen by now.
            pause = pause < s_longestPause / 2 ? 2 * pause : s_longestPause;
        }
    }

    private string LastLine()
    {
        try
        {
            return File.ReadLines(folder.Log).LastOrDefault(line => line.Length > 0) ?? $"it says nothing in '{folder.Log}'.";
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }
}
