namespace Drover.Server.Telemetry;

/// <summary>The standard variables that say where traces and metrics go (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).</summary>
internal static class TelemetryVariables
{
    /// <summary>Where to.</summary>
    internal const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>By which protocol: <c>grpc</c> or <c>http/protobuf</c>.</summary>
    internal const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

    /// <summary>Those that the agents of this machine are started with too.</summary>
    internal static readonly IReadOnlyList<string> All =
    [
        Endpoint, Protocol, "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SDK_DISABLED",
        "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL",
    ];
}
