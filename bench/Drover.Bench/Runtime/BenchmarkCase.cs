namespace Drover.Bench.Runtime;

/// <summary>One row of the table. <c>bench/README.md</c> says what each case does.</summary>
/// <param name="Name">The name that every peer knows the case by.</param>
/// <param name="Unit">The unit of its values.</param>
/// <param name="Repetitions">How many processes measure it for each peer; the median counts.</param>
/// <param name="Kind">How it is measured.</param>
internal sealed record BenchmarkCase(string Name, string Unit, int Repetitions, CaseKind Kind = CaseKind.SelfMeasured)
{
    private const int Quick = 5;
    private const int Long = 3;

    // Takes Python up to half a minute, and memory differs by about a percent from run to run.
    private const int Once = 1;

    public static IReadOnlyList<BenchmarkCase> All { get; } =
    [
        new("switch", "ns", Quick),
        new("spawn-join", "ns", Quick),
        new("channel-1", "ns", Quick),
        new("channel-64", "ns", Quick),
        new("scope", "ns", Quick),
        new("sleepers-bytes", "bytes", Long),
        new("sleepers-peak-mb", "MB", Once),
        new("timer-add-cancel", "ns", Long),
        new("cancel-100k-ms", "ms", Long),
        new("cancel-100k-outcome-ms", "ms", Long),
        new("cancel-heartbeat-late-ms", "ms", Long),
        new("executor-heartbeat-late-ms", "ms", Long),
        new("timer-late-p50-ms", "ms", Long),
        new("timer-late-p99-ms", "ms", Long),
        new("echo-rps", "requests/s", Long, CaseKind.EchoRequests),
        new("echo-idle-kib", "KiB", Long, CaseKind.EchoIdle),
    ];

    public static BenchmarkCase Named(string name) => All.First(each => each.Name == name);
}
