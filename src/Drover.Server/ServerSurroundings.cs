using Drover.Server.Configuration;
using Drover.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Drover.Server;

/// <summary>What differs between a server that is a program and one that is part of another.</summary>
internal sealed record ServerSurroundings
{
    /// <summary>Makes what it logs to; adds what is to be disposed of at the end.</summary>
    public required Func<ServerOptions, CleanUps, ILoggerFactory> MakeLogs { get; init; }

    /// <summary>What an administrator's request to stop calls; null when nothing can.</summary>
    public Action? Stop { get; init; }

    /// <summary>The configuration, instead of a file.</summary>
    public IConfiguration? Configuration { get; init; }

    /// <summary>Which user a request without a token is made as.</summary>
    public Func<HttpContext, DroverUser?>? FindUser { get; init; }

    /// <summary>Whether an agent is started on this machine for every user who needs one, and not only for the Unix user.</summary>
    public bool StartAgentsForAllUsers { get; init; }

    /// <summary>What an agent that is started gets of this process's environment; null for all of it.</summary>
    public IReadOnlyCollection<string>? AgentEnvironment { get; init; }

    /// <summary>A program of its own.</summary>
    internal static ServerSurroundings OfProgram(Action stop, Action<ILoggingBuilder>? addLogs = null) => new()
    {
        Stop = stop,
        MakeLogs = (options, cleanUps) =>
        {
            ILoggerFactory logs = LoggerFactory.Create(logging =>
            {
                ServerLogs.Configure(logging, options);
                addLogs?.Invoke(logging);
            });
            cleanUps.Add(logs);
            return logs;
        },
    };

    /// <summary>
    /// A part of an application, which has a log already. Its environment often holds secrets, which are none of the
    /// jobs' business: agents get what every program needs.
    /// </summary>
    internal static ServerSurroundings OfApplication(DroverHostOptions options, ILoggerFactory logs) => new()
    {
        MakeLogs = (_, _) => logs,
        Configuration = options.Configuration,
        FindUser = options.FindUser,
        StartAgentsForAllUsers = options.StartAgentsForAllUsers,
        AgentEnvironment =
        [
            "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_RUNTIME_DIR", "DOTNET_ROOT",
            .. Telemetry.TelemetryVariables.All,
        ],
    };
}
