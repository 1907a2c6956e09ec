namespace Drover.Chaos.Tests;

/// <summary>
/// Drover with a server that has its data on a small disk, the server's own agent, and two agents that come through a
/// proxy, one of them with a small disk too. What dies is started again.
/// </summary>
internal sealed class ChaosSetting : IAsyncDisposable
{
    private const string Configuration = """
        sites:
          - name: local
            cpus: 5
          - name: far
            cpus: 5
          - name: small
            cpus: 5
        agents:
          heartbeatSeconds: 1
        """;

    private readonly CancellationTokenSource _end = new();
    private readonly Random _random;
    private readonly FarAgent[] _agents;
    private readonly Proxy _proxy;
    private Task _reviving = Task.CompletedTask;

    internal ChaosSetting(Random random, Chronicle chronicle)
    {
        _random = random;
        Chronicle = chronicle;
        if (Environment.IsPrivilegedProcess)
        {
            ServerDisk = new SmallDisk(96, isReal: true);
            AgentDisk = new SmallDisk(64);
        }
        else
        {
            TestContext.Current.AddWarning("No disk was filled: mounting a small one takes root.");
        }

        Drover = ServerDisk is null ? new Installation() : new Installation { Data = Path.Combine(ServerDisk.Path, "data") };
        _proxy = new Proxy(() => Server is null ? null : new Uri(Drover.Url));
        _agents =
        [
            new FarAgent(Drover, _proxy, "far", Path.Combine(Drover.Root, "far")),
            new FarAgent(Drover, _proxy, "small", Path.Combine(AgentDisk?.Path ?? Drover.Root, "small")),
        ];
        Directory.CreateDirectory(DiaryFolder);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "job.sh"), Drover.PathOf("job.sh"));
    }

    internal static IReadOnlyList<string> Sites { get; } = ["local", "far", "small"];

    internal Installation Drover { get; }

    internal Proxy Proxy => _proxy;

    internal Chronicle Chronicle { get; }

    /// <summary>Where the server has its data, and the local agent its folder; null when none can be mounted.</summary>
    internal SmallDisk? ServerDisk { get; }

    /// <summary>Where the agent of the site "small" has its folder; null when none can be mounted.</summary>
    internal SmallDisk? AgentDisk { get; }

    internal string DiaryFolder => Drover.PathOf("diary");

    /// <summary>The server. A process that only has the number of one is not taken for it.</summary>
    internal LiveProcess? Server => Drover.Server is { } server ? Drover.Processes.FirstOrDefault(process => process.Id == server.Id) : null;

    internal IReadOnlyList<LiveProcess> Jobs => [.. Drover.Processes.Where(process => AttemptOf(process) is not null)];

    /// <summary>The attempt that a process belongs to; null when to none.</summary>
    internal static string? AttemptOf(LiveProcess process) =>
        process.Environment.FirstOrDefault(variable => variable.StartsWith("DROVER_ATTEMPT=", StringComparison.Ordinal))?.Split('=')[1];

    /// <summary>The agent or the keeper of a site; null when it does not run.</summary>
    internal LiveProcess? Find(string command, string site)
    {
        string folder = _agents.FirstOrDefault(agent => agent.Site == site)?.Folder ?? Drover.AgentFolder;
        return Drover.Processes.FirstOrDefault(process => process.CommandLine is [_, var first, ..] && first == command && process.CommandLine.Contains(folder));
    }

    internal async Task StartAsync()
    {
        Directory.CreateDirectory(Drover.Data);
        await File.WriteAllTextAsync(Path.Combine(Drover.Data, "drover.yaml"), Configuration);
        await Drover.UpAsync();
        foreach (FarAgent agent in _agents)
        {
            await agent.StartAsync();
        }

        _reviving = ReviveAsync();
    }

    /// <summary>Ends what was begun to hinder Drover, and waits until everything runs again.</summary>
    internal async Task CalmAsync()
    {
        ServerDisk?.MakeRoom();
        AgentDisk?.MakeRoom();
        await Eventually.IsTrueAsync(
            () =>
            {
                foreach (LiveProcess process in Drover.Processes)
                {
                    process.Signal(LiveProcess.SIGCONT);
                }

                return Server is not null && _agents.All(agent => Find("agent", agent.Site) is not null);
            },
            "server and agents to run again");
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reviving;
        await Drover.DisposeAsync();
        await _proxy.DisposeAsync();
        ServerDisk?.Dispose();
        AgentDisk?.Dispose();
        _end.Dispose();
    }

    /// <summary>Starts again what died, after a while; as a service manager would.</summary>
    private async Task ReviveAsync()
    {
        while (true)
        {
            try
            {
                await Task.Delay(200 + _random.Next(1500), _end.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (Server is null && await Drover.RunAsync("up") is { ExitCode: not 0 } up)
            {
                Chronicle.Note($"the server cannot be started: {up.Error.Trim()}"); // The disk may be full. It is tried again.
            }

            foreach (FarAgent agent in _agents.Where(agent => Find("agent", agent.Site) is null))
            {
                await agent.StartAsync();
            }
        }
    }
}
