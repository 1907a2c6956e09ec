using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Drover.Cli.Servers;

/// <summary>
/// Sends traces and metrics to a collector by OTLP, when that is asked for. Without it nothing of OpenTelemetry is loaded.
/// </summary>
internal static class Telemetry
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesVariable = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string MetricsVariable = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    private const int FlushMilliseconds = 2000;

    private static readonly string[] s_sources = ["Drover.Server", "Drover.Agent"];
    private static readonly string[] s_meters = ["Drover.Server", "Drover.Agent", "Drover.Coroutines", "System.Runtime"];

    /// <summary>Begins to send. Null when neither the standard variables nor the configuration say where to.</summary>
    /// <param name="service">What this program is called there.</param>
    /// <param name="endpoint">Where to, over HTTP; the variables win.</param>
    public static IDisposable? Start(string service, Uri? endpoint)
    {
        bool fromVariables = new[] { EndpointVariable, TracesVariable, MetricsVariable }.Any(IsSet);
        return (fromVariables || endpoint is not null) && Environment.GetEnvironmentVariable("OTEL_SDK_DISABLED") is not "true"
            ? new Exports(service, fromVariables ? null : endpoint)
            : null;
    }

    private static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));

    /// <summary>A type of its own: only who makes one loads the libraries.</summary>
    private sealed class Exports : IDisposable
    {
        private readonly TracerProvider _traces;
        private readonly MeterProvider _metrics;

        internal Exports(string service, Uri? endpoint)
        {
            ResourceBuilder resource = ResourceBuilder.CreateDefault()
                .AddService(service, serviceVersion: VersionText, serviceInstanceId: $"{Environment.MachineName}:{Environment.ProcessId}")
                .AddEnvironmentVariableDetector();
            _traces = Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(resource)
                .AddSource(s_sources)
                .AddOtlpExporter(options => Direct(options, endpoint, "v1/traces"))
                .Build();
            _metrics = Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter(s_meters)
                .AddOtlpExporter(options => Direct(options, endpoint, "v1/metrics"))
                .Build();
        }

        private static string VersionText => typeof(Telemetry).Assembly.GetName().Version?.ToString(3) ?? "0";

        /// <summary>Sends what is left, but not for long: a collector that is away must not keep anything from ending.</summary>
        public void Dispose()
        {
            _traces.Shutdown(FlushMilliseconds);
            _metrics.Shutdown(FlushMilliseconds);
            _traces.Dispose();
            _metrics.Dispose();
        }

        private static void Direct(OtlpExporterOptions options, Uri? endpoint, string path)
        {
            if (endpoint is not null)
            {
                options.Protocol = OtlpExportProtocol.HttpProtobuf;
                options.Endpoint = new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}"); // Given by code, it is taken as it is.
            }
        }
    }
}
