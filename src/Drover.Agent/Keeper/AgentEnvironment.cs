using System.Collections;

namespace Drover.Agent.Keeper;

/// <summary>The environment that jobs get from the agent.</summary>
internal static class AgentEnvironment
{
    /// <summary>Secrets, which jobs must not see.</summary>
    internal static readonly IReadOnlyList<string> Secrets = ["DROVER_TOKEN", "DROVER_AGENT_TOKEN"];

    /// <summary>What the agent has for itself, and jobs may set for themselves: it may hold a key of whoever collects traces.</summary>
    private const string CollectorHeaders = "OTEL_EXPORTER_OTLP_HEADERS";

    /// <summary>All variables of this process but the secrets.</summary>
    internal static Dictionary<string, string> Read()
    {
        var variables = new Dictionary<string, string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        foreach (string secret in Secrets.Append(CollectorHeaders))
        {
            variables.Remove(secret);
        }

        return variables;
    }
}
