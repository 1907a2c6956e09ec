using System.Net;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Configuration;

/// <summary>Everything that can be set about a server. Without a <c>drover.yaml</c> the defaults hold.</summary>
internal sealed record ServerOptions
{
    /// <summary>Where it listens; port 0: any that is free. Default: the loopback address, any free port.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>The sites that are described; others are made as agents for them are. Default: none.</summary>
    public IReadOnlyList<SiteOptions> Sites { get; init; } = [];

    /// <summary>About agents.</summary>
    public AgentOptions Agents { get; init; } = new();

    /// <summary>About jobs.</summary>
    public JobOptions Jobs { get; init; } = new();

    /// <summary>About inputs.</summary>
    public InputOptions Inputs { get; init; } = new();

    /// <summary>What is worth a line in the log. Default: information.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>How the lines of the server's and its agents' logs look: text for people, or json. Default: text.</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>About traces and metrics.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>What is described of a site; null when nothing is.</summary>
    public SiteOptions? Site(string name) => Sites.FirstOrDefault(s => s.Name == name);
}
