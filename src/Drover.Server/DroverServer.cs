using Drover.Server.Configuration;
using Drover.Server.Inputs;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Drover.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace Drover.Server;

/// <summary>
/// The server without a web server: its folder, database and supervision loop, started and stopped in that order.
/// Whoever listens for requests gives them to <see cref="Api.ApiPipeline"/>, and announces where: <see cref="Announce"/>.
/// </summary>
internal sealed partial class DroverServer : IAsyncDisposable
{
    private readonly CleanUps _cleanUps = new();
    private readonly CancellationTokenSource _stopping = new();
    private bool _hasLeft;

    private DroverServer()
    {
    }

    /// <summary>What it consists of.</summary>
    internal ServerParts Parts { get; private set; } = null!;

    private ILogger Log => Parts.Logs.CreateLogger("Drover.Server");

    /// <summary>Starts one. When that fails nothing is left of it.</summary>
    /// <param name="launch">How.</param>
    /// <param name="surroundings">Whether it is a program or part of one.</param>
    /// <exception cref="ConfigurationException">The configuration has mistakes.</exception>
    /// <exception cref="StorageException">The data folder or its database cannot be used.</exception>
    internal static async Task<DroverServer> StartAsync(ServerLaunch launch, ServerSurroundings surroundings)
    {
        var server = new DroverServer();
        return await CleanUps.AllOrNothingAsync(server, () => server.BeginAsync(launch, surroundings));
    }

    /// <summary>Tells agents and users of this machine where it can be reached.</summary>
    /// <param name="url">Where; with the path that its own paths follow, if there is one.</param>
    internal void Announce(string url)
    {
        Parts.Folder.WriteServerFile(new ServerFile
        {
            Url = url,
            ProcessId = Environment.ProcessId,
            Version = ServerVersion.Text,
            StartedAt = TimeProvider.System.GetUtcNow(),
        });
        LogListening(Log, ServerVersion.Text, url, Parts.Folder.Path);
    }

    /// <summary>
    /// Begins to stop: nobody finds it any more, the agent of this machine goes unless it has jobs, long answers and the
    /// connections of agents end. Requests are still answered. Again: nothing.
    /// </summary>
    internal async ValueTask LeaveAsync()
    {
        if (!_hasLeft)
        {
            _hasLeft = true;
            File.Delete(Parts.Folder.ServerFile);
            await Parts.Loop.InvokeAsync(Parts.Supervisor.Agents.DismissLocalAsync, "dismiss the local agent");
            await _stopping.CancelAsync();
        }
    }

    /// <summary>Stops it: what is known goes to disk. Jobs and agents go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _cleanUps.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task BeginAsync(ServerLaunch launch, ServerSurroundings surroundings)
    {
        DataFolder folder = DataFolder.Locate(launch.DataFolder);
        _cleanUps.Add(folder.Lock());
        ServerOptions options = surroundings.Configuration is { } configuration
            ? ConfigurationFile.Read(configuration)
            : ConfigurationFile.Load(launch.ConfigurationFile ?? folder.ConfigurationFile, isOptional: launch.ConfigurationFile is null);
        ILoggerFactory logs = surroundings.MakeLogs(options, _cleanUps);
        if (launch.StartTelemetry?.Invoke(options.Telemetry.Endpoint) is { } telemetry)
        {
            _cleanUps.Add(telemetry);
        }

        Store store = Store.Open(folder.Path, TimeProvider.System, logs.CreateLogger("Drover.Store"));
        _cleanUps.Add(store.DisposeAsync);
        InputStore inputs = InputStore.Open(folder.Inputs, TimeProvider.System);
        _cleanUps.Add(inputs.DisposeAsync);
        var identities = new Identities(store, folder, TimeProvider.System);
        string user = await identities.EnsureDefaultUserAsync();

        ILogger log = logs.CreateLogger("Drover.Server");
        EventLoop loop = EventLoop.Start(new EventLoopOptions { Name = "supervision", OnReport = report => LogReport(log, report) });
        _cleanUps.Add(async () => await loop.StopAsync("the server is stopped"));
        IReadOnlyList<AgentRow> agents = await store.AgentsAsync();
        Supervisor supervisor = await SuperviseAsync(loop, store, options, agents, logs);
        if (launch.AgentCommand.Count > 0)
        {
            var agentProcess = new LocalAgentProcess(launch.AgentCommand, folder, identities, AgentEnvironment.Of(options, surroundings));
            await loop.InvokeAsync(
                () => supervisor.RunLocalAgents(
                    name => name == user || surroundings.StartAgentsForAllUsers, agentProcess.StartAsync, name => folder.AgentOf(name).Log),
                "local agents");
        }

        IReadOnlyList<JobRow> unfinished = store.LoadUnfinished();
        await loop.InvokeAsync(() => supervisor.ResumeAsync(unfinished), "resume");
        var manifests = new InputManifests(inputs, TimeProvider.System);
        await loop.InvokeAsync(() => supervisor.KeepInputs(manifests, inputs), "inputs");
        var quota = new InputQuota(inputs, folder.Inputs, options.Inputs, TimeProvider.System);
        _cleanUps.Add(quota);
        Parts = new ServerParts(options, folder, loop, supervisor, store, inputs, manifests, quota, logs, surroundings, _stopping.Token);
        _cleanUps.Add(LeaveAsync);
    }

    /// <summary>Starts the coroutine that owns everything on the loop; it ends with the loop.</summary>
    private static async Task<Supervisor> SuperviseAsync(
        EventLoop loop, Store store, ServerOptions options, IReadOnlyList<AgentRow> agents, ILoggerFactory logs)
    {
        var made = new TaskCompletionSource<Supervisor>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task owner = loop.InvokeAsync(
            () => TaskGroup.SuperviseAsync(
                async group =>
                {
                    var supervisor = new Supervisor(store, agents, options, group, logs);
                    using IDisposable watched = ServerMetrics.Watch(supervisor.Present);
                    made.SetResult(supervisor);
                    group.Start(ServerMetrics.WatchLoopAsync, "lateness of the loop");
                    await new Event("end of the server").WaitAsync("the end of the server");
                },
                (coroutine, error) => LogBug(logs.CreateLogger("Drover.Server"), coroutine.Name, error),
                "jobs"),
            "supervisor");
        await Task.WhenAny(made.Task, owner);
        return await made.Task;
    }

    [LoggerMessage(LogLevel.Information, "Drover {Version} listens on {Url}; its data is in {Folder}")]
    private static partial void LogListening(ILogger log, string version, string url, string folder);

    [LoggerMessage(LogLevel.Critical, "'{Coroutine}' failed, which is a bug of the server")]
    private static partial void LogBug(ILogger log, string coroutine, Exception error);

    [LoggerMessage(LogLevel.Error, "{Report}")]
    private static partial void LogReport(ILogger log, LoopReport report);
}
