using Drover.Agent.Keeper;

namespace Drover.Agent.Drivers.Process;

/// <summary>
/// Removes run directories. The system's rm does it, in a process of its own: it follows no link, minds neither the bytes
/// in a name nor how deep folders are nested, and keeps no thread of the agent busy.
/// </summary>
internal static class RunRemoval
{
    /// <summary>Removes them, and returns those that are gone.</summary>
    /// <exception cref="DriverException">There is no rm.</exception>
    internal static async Task<IReadOnlyList<string>> RunAsync(KeeperFolder folder, IReadOnlyList<string> names)
    {
        string[] wanted = [.. names.Where(AttemptFiles.IsName)];
        if (wanted.Length == 0)
        {
            return [];
        }

        await RunAsync("rm", ["-rf", "--", .. wanted.Select(folder.Run)]);
        if (await LeftAsync(folder, wanted) is { Length: > 0 } left)
        {
            // A job may leave folders that even their owner may not change.
            await RunAsync("find", [.. left.Select(folder.Run), "-type", "d", "!", "-perm", "-700", "-exec", "chmod", "u+rwx", "{}", ";"]);
            await RunAsync("rm", ["-rf", "--", .. left.Select(folder.Run)]);
        }

        return wanted.Except(await LeftAsync(folder, wanted)).ToArray();
    }

    private static ValueTask<string[]> LeftAsync(KeeperFolder folder, IReadOnlyList<string> names) => Blocking.RunAsync(
        () => names.Where(name => Exists(folder.Run(name))).ToArray(), situation: "look which run directories are left");

    /// <summary>Whether there is anything of this name, also a link that leads nowhere.</summary>
    private static bool Exists(string path) => Directory.Exists(path) || new FileInfo(path) is { Exists: true } or { LinkTarget: not null };

    private static async Task RunAsync(string program, IReadOnlyList<string> arguments)
    {
        var spec = new ProcessSpec(program, arguments) { Output = OutputTarget.Null, Error = OutputTarget.Null };
        try
        {
            await Subprocess.RunAsync(spec, async process => await process.WaitAsync());
        }
        catch (ProcessStartException e)
        {
            throw new DriverException($"'{program}', which removes run directories, cannot be started: {e.Message}", inner: e);
        }
    }
}
