namespace Drover.Server.Configuration;

/// <summary>Where traces and metrics go. The standard variables (OTEL_EXPORTER_OTLP_ENDPOINT and others) win.</summary>
internal sealed record TelemetryOptions
{
    /// <summary>The address of an OpenTelemetry collector that takes OTLP over HTTP. Default: none, nothing is sent.</summary>
    public Uri? Endpoint { get; init; }
}
