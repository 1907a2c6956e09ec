namespace Drover.Guide.Tests.Reference;

/// <summary>A variable of the environment that Drover reads, or gives to jobs.</summary>
internal sealed record EnvironmentVariable(string Name, string ReadBy, string Meaning, string Default)
{
    internal static IReadOnlyList<EnvironmentVariable> All { get; } =
    [
        new("DROVER_DATA", "every command", "the data folder of the server of this machine; `--data` wins", "`$XDG_DATA_HOME/drover`, else `~/.local/share/drover`"),
        new("DROVER_SERVER", "client commands, agents", "the address of a server elsewhere; `--server` wins", "the server of this machine"),
        new("DROVER_TOKEN", "client commands", "the token for it; jobs never get it", "the one in the data folder"),
        new("DROVER_AGENT_TOKEN", "agents", "the agent's token; `--token-file` wins, and jobs never get it", "none"),
        new("DROVER_LOG_FORMAT", "agents", "how the lines of the agent's log look: `text` or `json`; the server sets it for agents that it starts", "text"),
        new("DROVER_DEBUG", "client commands", "when not empty, an unexpected error is shown with the place in the code", "none"),
        new("DROVER_SEED", "tests with `Drover.Coroutines.Testing`", "the seed of a schedule to run again", "a new one"),
        new("DROVER_JOB", "jobs", "the job's number", "set for every job"),
        new("DROVER_ATTEMPT", "jobs", "the attempt's number, such as `17.1`", "set for every job"),
        new("DROVER_RUN_DIR", "jobs", "the run directory", "set for every job"),
        new("DROVER_PROGRESS", "jobs", "the file that takes lines of progress", "set for every job"),
        new("DROVER_CPUS", "jobs", "how many CPUs the job asked for", "set for every job"),
        new("DROVER_ARRAY_ID", "jobs", "the number of the array", "set for jobs of arrays"),
        new("DROVER_ARRAY_INDEX", "jobs", "the job's index in it", "set for jobs of arrays"),
        new("DROVER_EXEC", "commands beside a job", "the mark by which what such a command starts is found and ended with it", "set for every `drover exec`"),
        new("TRACEPARENT", "jobs", "the span that the job belongs to (W3C Trace Context); see [metrics and traces](metrics.md)", "set when somebody traces"),
        new("OTEL_EXPORTER_OTLP_ENDPOINT", "servers, agents", "where traces and metrics go; this and the other standard variables of OpenTelemetry win over `telemetry.endpoint`", "`telemetry.endpoint`"),
    ];
}
