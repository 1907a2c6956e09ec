using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Drover.Server.Api;
using Drover.Server.Configuration;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Drover.Server;

/// <summary>A server that runs: its folder, database, supervision loop and web server, started and stopped in that order.</summary>
internal sealed partial class RunningServer : IAsyncDisposable
{
    private static readonly TimeSpan s_requestsMayTake = TimeSpan.FromSeconds(2);

    private readonly Stack<Func<ValueTask>> _cleanUp = new();
    private readonly CancellationTokenSource _stopping = new();

    private RunningServer()
    {
    }

    /// <summary>Where it listens.</summary>
    internal string Url { get; private set; } = "";

    /// <summary>Starts one. When that fails nothing is left of it.</summary>
    /// <param name="launch">How.</param>
    /// <param name="stop">What an administrator's request to stop calls.</param>
    /// <exception cref="ConfigurationException">The configuration has mistakes.</exception>
    /// <exception cref="StorageException">The data folder or its database cannot be used.</exception>
    /// <exception cref="ServerStartException">Something else prevents it: the port is in use.</exception>
    internal static async Task<RunningServer> StartAsync(ServerLaunch launch, Action stop)
    {
        var server = new RunningServer();
        try
        {
            await server.BeginAsync(launch, stop);
            return server;
        }
        catch (Exception e)
        {
            var cause = ExceptionDispatchInfo.Capture(e);
            try
            {
                await server.DisposeAsync();
            }
            finally
            {
                cause.Throw(); // What prevented the start matters, not what followed from it.
            }

            throw;
        }
    }

    /// <summary>Stops it: no new requests, the connections of agents end, what is known goes to disk. Jobs and agents go on.</summary>
    public async ValueTask DisposeAsync()
    {
        ExceptionDispatchInfo? first = null;
        while (_cleanUp.TryPop(out Func<ValueTask>? step))
        {
            try
            {
                await step();
            }
            catch (Exception e) // Whatever it is, the steps that are left are done: the database is closed, the lock given back.
            {
                first ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        _stopping.Dispose();
        first?.Throw();
    }

    private async Task BeginAsync(ServerLaunch launch, Action stop)
    {
        DataFolder folder = DataFolder.Locate(launch.DataFolder);
        DataFolderLock claim = folder.Lock();
        Finally(() =>
        {
            claim.Dispose();
            return ValueTask.CompletedTask;
        });
        ServerOptions options = ConfigurationFile.Load(
            launch.ConfigurationFile ?? folder.ConfigurationFile, isOptional: launch.ConfigurationFile is null);
        ILoggerFactory logs = LoggerFactory.Create(logging => Logs(logging, options));
        Finally(() =>
        {
            logs.Dispose();
            return ValueTask.CompletedTask;
        });
        ILogger log = logs.CreateLogger("Drover.Server");
        Store store = Store.Open(folder.Path, TimeProvider.System, logs.CreateLogger("Drover.Store"));
        Finally(store.DisposeAsync);
        var identities = new Identities(store, folder, TimeProvider.System);
        string user = await identities.EnsureDefaultUserAsync();

        EventLoop loop = EventLoop.Start(new EventLoopOptions { Name = "supervision", OnReport = report => LogReport(log, report) });
        Finally(async () => await loop.StopAsync("the server is stopped"));
        IReadOnlyList<AgentRow> agents = await store.AgentsAsync();
        Supervisor supervisor = await SuperviseAsync(loop, store, options, agents, logs);
        if (launch.AgentCommand.Count > 0)
        {
            string tokenFile = await identities.EnsureAgentTokenAsync(user, AgentDirectory.LocalSite);
            await loop.InvokeAsync(
                () => supervisor.RunLocalAgent(user, new LocalAgentProcess(launch.AgentCommand, folder, tokenFile).StartAsync, folder.AgentLog),
                "local agent");
        }

        IReadOnlyList<JobRow> unfinished = store.LoadUnfinished();
        await loop.InvokeAsync(() => supervisor.ResumeAsync(unfinished), "resume");
        WebApplication app = await ServeAsync(launch, options, folder, loop, supervisor, store, stop);
        Finally(async () => await app.DisposeAsync());
        Finally(async () =>
        {
            using var patience = new CancellationTokenSource(s_requestsMayTake);
            await app.StopAsync(patience.Token);
        });
        folder.WriteServerFile(new ServerFile
        {
            Url = Url,
            ProcessId = Environment.ProcessId,
            Version = ServerVersion.Text,
            StartedAt = TimeProvider.System.GetUtcNow(),
        });
        Finally(async () =>
        {
            File.Delete(folder.ServerFile);
            await loop.InvokeAsync(supervisor.Agents.DismissLocalAsync, "dismiss the local agent");
            await _stopping.CancelAsync();
        });
        LogListening(log, ServerVersion.Text, Url, folder.Path);
    }

    /// <summary>What has to be done at the end, before what was registered earlier.</summary>
    private void Finally(Func<ValueTask> step) => _cleanUp.Push(step);

    /// <summary>Starts the coroutine that owns everything on the loop; it ends with the loop.</summary>
    private static async Task<Supervisor> SuperviseAsync(
        EventLoop loop, Store store, ServerOptions options, IReadOnlyList<AgentRow> agents, ILoggerFactory logs)
    {
        var made = new TaskCompletionSource<Supervisor>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task owner = loop.InvokeAsync(
            () => TaskGroup.SuperviseAsync(
                async group =>
                {
                    made.SetResult(new Supervisor(store, agents, options, group, logs));
                    await new Event("end of the server").WaitAsync("the end of the server");
                },
                (coroutine, error) => LogBug(logs.CreateLogger("Drover.Server"), coroutine.Name, error),
                "jobs"),
            "supervisor");
        await Task.WhenAny(made.Task, owner);
        return await made.Task;
    }

    private async Task<WebApplication> ServeAsync(
        ServerLaunch launch, ServerOptions options, DataFolder folder, EventLoop loop, Supervisor supervisor, Store store, Action stop)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        IPEndPoint endpoint = launch.Port is { } port ? new IPEndPoint(options.Listen.Address, port) : options.Listen;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(endpoint);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = JsonBodies.MaxBytes;
        });
        builder.Services.Configure<SocketTransportOptions>(sockets =>
        {
            // What a request does before its first wait is short here, so no thread has to be woken for it.
            sockets.UnsafePreferInlineScheduling = true;
        });
        builder.Services.AddRoutingCore();
        Logs(builder.Logging, options);
        WebApplication app = builder.Build();
        app.UseMiddleware<Problems>();
        app.UseWebSockets();
        app.UseRouting();
        ApiRoutes.Map(app, options, folder, loop, supervisor, store, stop, _stopping.Token);
        try
        {
            await app.StartAsync();
        }
        catch (IOException e)
        {
            await app.DisposeAsync();
            throw new ServerStartException(
                e.InnerException?.InnerException is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } || e.Message.Contains("in use", StringComparison.Ordinal)
                    ? $"Port {endpoint.Port} of {endpoint.Address} is in use by another program: choose another with --port, or with 'listen' in drover.yaml; without one, any free port is taken."
                    : $"Cannot listen on {endpoint}: {e.Message}",
                e);
        }

        Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return app;
    }

    private static void Logs(ILoggingBuilder logging, ServerOptions options)
    {
        logging.SetMinimumLevel(options.LogLevel);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // What keeps it from starting is told in a sentence.
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
            console.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
        });
    }

    [LoggerMessage(LogLevel.Information, "Drover {Version} listens on {Url}; its data is in {Folder}")]
    private static partial void LogListening(ILogger log, string version, string url, string folder);

    [LoggerMessage(LogLevel.Critical, "'{Coroutine}' failed, which is a bug of the server")]
    private static partial void LogBug(ILogger log, string coroutine, Exception error);

    [LoggerMessage(LogLevel.Error, "{Report}")]
    private static partial void LogReport(ILogger log, LoopReport report);
}
