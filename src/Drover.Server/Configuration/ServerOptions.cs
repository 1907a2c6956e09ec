using System.Net;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Configuration;

/// <summary>Everything that can be set about a server. Without a <c>drover.yaml</c> the defaults hold.</summary>
internal sealed record ServerOptions
{
    /// <summary>
    /// The address and port to listen on: <c>127.0.0.1:8123</c>, <c>[::1]:8123</c>, <c>*:8123</c> for every address, or a
    /// port alone on the loopback address. Default: the loopback address, any free port.
    /// </summary>
    [YamlKey("listen")]
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>
    /// The sites to describe, as a list; others come into being as agents for them are made. Default: none.
    /// </summary>
    [YamlKey("sites")]
    public IReadOnlyList<SiteOptions> Sites { get; init; } = [];

    /// <summary>About agents.</summary>
    [YamlKey("agents")]
    public AgentOptions Agents { get; init; } = new();

    /// <summary>About jobs.</summary>
    [YamlKey("jobs")]
    public JobOptions Jobs { get; init; } = new();

    /// <summary>About inputs.</summary>
    [YamlKey("inputs")]
    public InputOptions Inputs { get; init; } = new();

    /// <summary>
    /// What is worth a line in the log: <c>trace</c>, <c>debug</c>, <c>information</c>, <c>warning</c>, <c>error</c>,
    /// <c>critical</c> or <c>none</c>. With <c>debug</c> every step of every job is. Default: information.
    /// </summary>
    [YamlKey("logLevel")]
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>
    /// How the lines of the logs of the server and its agents look: <c>text</c> for people, or
    /// <c>json</c> for programs, with job, attempt and user as properties. Default: text.
    /// </summary>
    [YamlKey("logFormat")]
    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>About traces and metrics.</summary>
    [YamlKey("telemetry")]
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>What is described of a site; null when nothing is.</summary>
    public SiteOptions? Site(string name) => Sites.FirstOrDefault(s => s.Name == name);
}
