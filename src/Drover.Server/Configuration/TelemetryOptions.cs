namespace Drover.Server.Configuration;

/// <summary>Where traces and metrics go. The standard variables (OTEL_EXPORTER_OTLP_ENDPOINT and others) win.</summary>
internal sealed record TelemetryOptions
{
    /// <summary>
    /// The address of an OpenTelemetry collector that takes OTLP over HTTP, such as <c>http://localhost:4318</c>. The standard
    /// variables (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and others) win. Default: none, nothing is sent.
    /// </summary>
    [YamlKey("endpoint")]
    public Uri? Endpoint { get; init; }
}
