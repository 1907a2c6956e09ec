using Drover.Server.Configuration;
using Drover.Server.Telemetry;

namespace Drover.Server;

/// <summary>The environment that agents of this machine are started with.</summary>
/// <param name="InheritsAll">Whether they get all that this process has.</param>
/// <param name="Variables">What they get besides.</param>
internal sealed record AgentEnvironment(bool InheritsAll, IReadOnlyDictionary<string, string?> Variables)
{
    /// <summary>The variable that tells an agent how its log is to look.</summary>
    internal const string LogFormatVariable = "DROVER_LOG_FORMAT";

    /// <summary>What is configured for the server holds for its agents: how they log, and where traces go.</summary>
    internal static AgentEnvironment Of(ServerOptions options, ServerSurroundings surroundings)
    {
        var variables = (surroundings.AgentEnvironment ?? []).ToDictionary(name => name, Environment.GetEnvironmentVariable);
        if (options.LogFormat != LogFormat.Text)
        {
            variables[LogFormatVariable] = options.LogFormat.ToString().ToLowerInvariant();
        }

        if (options.Telemetry.Endpoint is { } endpoint && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(TelemetryVariables.Endpoint)))
        {
            variables[TelemetryVariables.Endpoint] = endpoint.AbsoluteUri;
            variables[TelemetryVariables.Protocol] = "http/protobuf";
        }

        return new AgentEnvironment(surroundings.AgentEnvironment is null, variables);
    }
}
