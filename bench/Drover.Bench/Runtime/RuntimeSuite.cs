using Drover.Bench.Orchestration;

namespace Drover.Bench.Runtime;

/// <summary><c>bench/run runtime</c>: Drover.Coroutines next to what other languages have.</summary>
internal static class RuntimeSuite
{
    private const int Quick = 5;
    private const int Long = 3;

    // Takes Python up to half a minute, and memory differs by about a percent from run to run.
    private const int Once = 1;

    public static BenchmarkSuite Suite { get; } = new(
        "runtime",
        "Measure Drover.Coroutines and its peers, and print one table.",
        [
            Case("switch", "ns", Quick),
            Case("spawn-join", "ns", Quick),
            Case("channel-1", "ns", Quick),
            Case("channel-64", "ns", Quick),
            Case("scope", "ns", Quick),
            Case("sleepers-bytes", "bytes", Long),
            Case("sleepers-peak-mb", "MB", Once),
            Case("timer-add-cancel", "ns", Long),
            Case("cancel-100k-ms", "ms", Long),
            Case("cancel-100k-outcome-ms", "ms", Long),
            Case("cancel-heartbeat-late-ms", "ms", Long),
            Case("executor-heartbeat-late-ms", "ms", Long),
            Case("timer-late-p50-ms", "ms", Long),
            Case("timer-late-p99-ms", "ms", Long),
            new("echo-rps", Long, new Metric("echo-rps", "requests/s", MoreIsBetter: true)) { MeasureAsync = EchoLoad.DriveAsync },
            Case("echo-idle-kib", "KiB", Long) with { MeasureAsync = EchoLoad.HoldIdleAsync },
        ],
        [
            Peer.InThisExecutable("drover", RuntimePeerCommand.Name),
            Peer.InThisExecutable("bcl", RuntimePeerCommand.Name),
            new("go", Repository.GoProgram, [], () => Task.FromResult(
                File.Exists(Repository.GoProgram) ? null : $"{Repository.GoProgram} is not built (Debian package golang-go)")),
            OnPython("asyncio", "bench_asyncio.py", module: "asyncio", package: "python3"),
            OnPython("uvloop", "bench_asyncio.py", module: "uvloop", package: "python3-uvloop", "--uvloop"),
            OnPython("trio", "bench_trio.py", module: "trio", package: "python3-trio"),
            OnPython("gevent", "bench_gevent.py", module: "gevent", package: "python3-gevent"),
        ],
        DescribeSoftwareAsync);

    private static BenchmarkCase Case(string name, string unit, int repetitions) => new(name, repetitions, new Metric(name, unit));

    private static Peer OnPython(string name, string script, string module, string package, params string[] options) =>
        new(
            name,
            Repository.Python,
            ["-B", Repository.PythonScript("runtime", script), .. options],
            () => Peer.WhyNoModuleAsync(module, package));

    private static async Task<string> DescribeSoftwareAsync()
    {
        var go = (await Machine.AskAsync("go", "version")).Replace("go version go", "", StringComparison.Ordinal).Split(' ')[0];
        var python = await Machine.AskAsync(Repository.Python, "-c", "import platform; print(platform.python_version())");
        return $"Go {go}, Python {python}";
    }
}
