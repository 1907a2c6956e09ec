using System.Diagnostics.Metrics;

namespace Drover.Coroutines;

/// <summary>
/// The meter "Drover.Coroutines". Gauges are read when somebody asks; step times are taken only while somebody listens.
/// Names follow the OpenTelemetry conventions.
/// </summary>
internal static class Instruments
{
    private static readonly Meter s_meter = new("Drover.Coroutines");

    private static readonly Histogram<double> s_steps = s_meter.CreateHistogram<double>(
        "drover.loop.step.duration", "s", "How long one step of a coroutine ran.");

    /// <summary>The gauges live as long as the meter; the field keeps them from being dropped as unused.</summary>
    private static readonly Instrument[] s_gauges =
    [
        Gauge("drover.loop.ready", "{step}", "Steps that are ready to run.", static loop => loop.ReadyCount),
        Gauge("drover.loop.coroutines", "{coroutine}", "Coroutines that have not ended.", static loop => loop.Coroutines),
        Gauge("drover.loop.timers", "{timer}", "Timers that are set.", static loop => loop.Timers.Count),
        Gauge("drover.loop.outside", "{coroutine}", "Coroutines that await something outside.", static loop => loop.OutsideCoroutines),
    ];

    internal static bool IsMeasuring => s_steps.Enabled;

    internal static int Gauges => s_gauges.Length;

    internal static void Step(EventLoop loop, long nanoseconds) =>
        s_steps.Record(nanoseconds / 1e9, new KeyValuePair<string, object?>("loop", loop.Name));

    private static ObservableGauge<int> Gauge(string name, string unit, string description, Func<EventLoop, int> read) =>
        s_meter.CreateObservableGauge(
            name,
            () => LoopRegistry.Loops.Select(loop => new Measurement<int>(read(loop), new KeyValuePair<string, object?>("loop", loop.Name))),
            unit,
            description);
}
