using Microsoft.Extensions.Logging;

namespace Drover.Server;

/// <summary>How a server is started.</summary>
public sealed record ServerLaunch
{
    /// <summary>The data folder; null for the default.</summary>
    public string? DataFolder { get; init; }

    /// <summary>The configuration file; null for the one in the data folder, if there is one.</summary>
    public string? ConfigurationFile { get; init; }

    /// <summary>The port to listen on, instead of the configured one.</summary>
    public int? Port { get; init; }

    /// <summary>
    /// The command that starts an agent on this machine; its options are added. Empty: the server starts no agent.
    /// </summary>
    public IReadOnlyList<string> AgentCommand { get; init; } = [];

    /// <summary>Adds further logs beside the console; null for none.</summary>
    internal Action<ILoggingBuilder>? AddLogs { get; init; }

    /// <summary>Begins to send traces and metrics, when the configuration or the environment says so; ends with the server. Null: never.</summary>
    internal Func<Uri?, IDisposable?>? StartTelemetry { get; init; }
}
