using System.Globalization;
using Drover.Agent.Drivers.Process;
using Drover.Agent.Keeper;
using Drover.Agent.Keeper.Processes;
using Drover.Agent.Tests.Fakes;

namespace Drover.Agent.Tests.Keeper;

/// <summary>An agent's folder with a keeper, and drivers that come and go. What runs in it is ended with it.</summary>
internal sealed class Site : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly List<ProcessDriver> _drivers = [];
    private int _lastJob;

    /// <param name="folder">By default one of its own.</param>
    internal Site(string? folder = null)
    {
        Folder = folder ?? Directory.CreateTempSubdirectory("drover-site-").FullName;
        Files = new KeeperFolder(Folder);
    }

    internal string Folder { get; }

    internal KeeperFolder Files { get; }

    /// <summary>What drivers and keepers had to say.</summary>
    internal List<string> Said { get; } = [];

    /// <summary>Runs a test's body in a site of its own, on a loop, with patience but not for ever.</summary>
    internal static void Run(Func<Site, Task> body, string? folder = null) => EventLoop.Run(async () =>
    {
        await using var site = new Site(folder);
        await CancelScope.FailAfterAsync(s_patience, () => body(site));
    });

    /// <summary>A driver that has recovered. The one before is left as if its agent had been killed.</summary>
    internal async Task<ProcessDriver> DriverAsync()
    {
        foreach (ProcessDriver killed in _drivers)
        {
            await killed.DisposeAsync();
        }

        var driver = new ProcessDriver(Folder, KeeperHost.Command, Said.Add);
        _drivers.Add(driver);
        await driver.RecoverAsync();
        return driver;
    }

    /// <summary>An agent of this site, with a driver of its own, until it is canceled.</summary>
    internal async Task RunAgentAsync(TestServer server)
    {
        var options = new AgentOptions { Server = server.Url, Folder = Folder, Token = TestServer.Token };
        using AgentFolder folder = AgentFolder.Open(Folder);
        await AgentProgram.RunAsync(
            options, folder, path => new ProcessDriver(path, KeeperHost.Command), new AgentLog(TextWriter.Null, TimeProvider.System));
    }

    internal RunOrder Order(params IReadOnlyList<string> command)
    {
        _lastJob++;
        return new RunOrder
        {
            Attempt = new AttemptId(new JobId(_lastJob), 1),
            RunDirectory = _lastJob.ToString(CultureInfo.InvariantCulture),
            Spec = new JobSpec { Command = command },
            GraceSeconds = 10,
        };
    }

    internal RunOrder Shell(string script) => Order("sh", "-c", script);

    internal string Run(RunOrder order) => Files.Run(order.RunDirectory);

    internal string Output(RunOrder order) => ReadShared(AttemptFiles.Log(Run(order), order.Attempt, OutputKind.Output));

    /// <summary>Waits for the first line of what an attempt writes.</summary>
    internal async Task<string> FirstLineAsync(RunOrder order)
    {
        await UntilAsync(() => Output(order).Contains('\n'));
        return Output(order).Split('\n')[0];
    }

    /// <summary>Waits for a process number in the first line of what an attempt writes.</summary>
    internal async Task<ProcessEntry> FirstProcessAsync(RunOrder order) =>
        ProcessEntry.TryRead(int.Parse(await FirstLineAsync(order), CultureInfo.InvariantCulture))!.Value;

    internal static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(5));
        }
    }

    internal static bool Lives(ProcessEntry process) =>
        ProcessEntry.TryRead(process.Id) is { Lives: true } now && now.StartTicks == process.StartTicks;

    /// <summary>The keeper that holds the folder.</summary>
    internal ProcessEntry Keeper() => ProcessTable.Read().All.Single(entry => entry.Lives && IsKeeper(entry.Id));

    /// <summary>Kills the keeper, and waits until it is gone.</summary>
    internal async Task KillKeeperAsync()
    {
        ProcessEntry keeper = Keeper();
        _ = Libc.kill(keeper.Id, Libc.SIGKILL);
        await UntilAsync(() => !Lives(keeper));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ProcessDriver driver in _drivers)
        {
            await driver.DisposeAsync();
        }

        // All that carries the stamp of this folder, and its keepers.
        while (ProcessTable.Read().All.Where(entry => entry.Lives && (IsKeeper(entry.Id) || IsOfThisSite(entry.Id))).ToArray() is { Length: > 0 } rest)
        {
            Array.ForEach(rest, entry => _ = Libc.kill(entry.Id, Libc.SIGKILL));
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(5));
        }

        Directory.Delete(Folder, recursive: true);
    }

    private bool IsOfThisSite(int process) => Stamp.TryRead(process)?.RunDirectory.StartsWith(Folder + '/') == true;

    private bool IsKeeper(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Split('\0') is [_, "keeper", "--folder", var folder, ..] && folder == Files.FullPath;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string ReadShared(string path)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return reader.ReadToEnd();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
