using Drover.Bench.Jobs.Peers;
using Drover.Bench.Orchestration;

namespace Drover.Bench.Jobs;

/// <summary><c>bench/run jobs</c>: Drover next to other ways to run jobs.</summary>
internal static class JobsSuite
{
    private const int Usual = 3;
    private const int Quick = 5;
    private const int Once = 1;

    public static BenchmarkSuite Suite { get; } = new(
        "jobs",
        "Measure Drover and other ways to run jobs, and print one table.",
        [
            new("throughput", Quick, new Metric("throughput", "jobs/s", MoreIsBetter: true)),
            Latency("start-latency"),
            Latency("end-latency"),
            new("cancel-200", Usual, new Metric("cancel-200-p99-ms", "ms"), new Metric("cancel-200-max-ms", "ms")),
            new("cli-list", Usual, new Metric("cli-list-p50-ms", "ms")),
            new(
                "noop-10k", Usual, new Metric("noop-10k", "jobs/s", MoreIsBetter: true),
                new Metric("noop-10k-server-us", "µs"), new Metric("noop-10k-agents-us", "µs")),
            new(
                "queued-100k", Once, new Metric("queued-100k-heap-bytes", "bytes"), new Metric("queued-100k-resident-bytes", "bytes"),
                new Metric("queued-100k-page-ms", "ms"), new Metric("queued-100k-list-ms", "ms"), new Metric("queued-100k-restart-s", "s")),
            new("history-1m", Once, [.. HistoryCase.Metrics]) { Limit = TimeSpan.FromMinutes(10) },
            new(
                "array-10k", Once, new Metric("array-10k", "jobs/s", MoreIsBetter: true), new Metric("array-10k-true", "jobs/s", MoreIsBetter: true),
                new Metric("array-10k-share", "", MoreIsBetter: true))
            {
                Limit = TimeSpan.FromMinutes(10),
            },
            new("idle-agents-1000", Once, new Metric("idle-agent-heap-kib", "KiB"), new Metric("idle-agent-resident-kib", "KiB")),
            new("upload-2g", Usual, new Metric("upload-2g", "MB/s", MoreIsBetter: true), new Metric("upload-2g-on-disk", "MB/s", MoreIsBetter: true)),
            new("upload-20k", Usual, new Metric("upload-20k", "files/s", MoreIsBetter: true)),
            new(
                "download-2g", Usual, new Metric("download-2g", "MB/s", MoreIsBetter: true), new Metric("download-2g-checked", "MB/s", MoreIsBetter: true),
                new Metric("download-2g-grown-mb", "MB"), new Metric("download-2g-beat-p99-ms", "ms")),
            new(
                "log-5g", Once, new Metric("log-5g-each", "MB/s", MoreIsBetter: true), new Metric("log-5g-grown-mb", "MB"),
                new Metric("log-5g-beat-p99-ms", "ms"))
            {
                Limit = TimeSpan.FromMinutes(10),
            },
            new("first-run", Once, new Metric("first-run-s", "s"), new Metric("run-again-s", "s"), new Metric("run-again-added-s", "s"))
            {
                Limit = TimeSpan.FromMinutes(10),
            },
        ],
        [.. JobsPeerCommand.Peers.Select(each => Peer.InThisExecutable(each.Key, JobsPeerCommand.Name, each.Value.WhyMissing))],
        DescribeSoftwareAsync)
    {
        Targets =
        [
            new Target.AtLeastShareOf("throughput", "bare", 0.70),
            new Target.AtLeastShareOf("throughput", "xargs", 0.30),
            new Target.Above("throughput", "parallel"),
            new Target.Above("throughput", "celery"),
            new Target.Above("throughput", "celery-durable"),
            new Target.AtMost("start-latency-p50-ms", 5),
            new Target.AtMost("start-latency-p99-ms", 20),
            new Target.AtMost("end-latency-p50-ms", 8),
            new Target.AtMost("end-latency-p99-ms", 30),
            new Target.AtMost("cancel-200-p99-ms", 1_000),
            new Target.AtMost("cli-list-p50-ms", 200),
            new Target.AtLeast("noop-10k", 5_000),
            new Target.AtMost("queued-100k-heap-bytes", 2_048),
            new Target.AtMost("queued-100k-resident-bytes", 2_048),
            new Target.AtMost("queued-100k-page-ms", 100),
            new Target.AtMost("queued-100k-list-ms", 100),
            new Target.AtMost("queued-100k-restart-s", 5),
            .. HistoryCase.Metrics.Where(metric => metric.Name.EndsWith("-ratio", StringComparison.Ordinal))
                .Select(metric => new Target.AtMost(metric.Name, 1.2)),
            new Target.AtLeast("array-10k-share", 0.9),
            new Target.AtMost("idle-agent-heap-kib", 40),
            new Target.AtMost("idle-agent-resident-kib", 40),
            new Target.AtLeastShareOf("upload-2g", "cp", 0.50),
            new Target.AtLeastShareOf("upload-20k", "tar", 0.50),
            new Target.AtLeastShareOf("download-2g", "nginx", 0.50),
            new Target.AtMost("download-2g-grown-mb", 48),
            new Target.AtMost("download-2g-beat-p99-ms", 100),
            new Target.AtMost("log-5g-grown-mb", 48),
            new Target.AtMost("log-5g-beat-p99-ms", 100),
            new Target.AtMost("first-run-s", 90),
            new Target.AtMost("run-again-added-s", 2),
        ],
    };

    private static BenchmarkCase Latency(string name) =>
        new(name, Usual, new Metric($"{name}-p50-ms", "ms"), new Metric($"{name}-p99-ms", "ms"));

    private static async Task<string> DescribeSoftwareAsync()
    {
        var parallel = await VersionAsync("parallel", "--version");
        var celery = await VersionAsync(Repository.Python, "-c", "import celery; print(celery.__version__)");
        var redis = await VersionAsync("redis-server", "--version");
        var slurm = await VersionAsync(Programs.Find("slurmctld"), "-V");
        return $"GNU parallel {parallel}, Celery {celery}, Redis {redis}, Slurm {slurm}";
    }

    /// <summary>The first word of what a program prints that begins with a digit.</summary>
    private static async Task<string> VersionAsync(string program, params string[] arguments) =>
        (await Machine.AskAsync(program, arguments)).Split([' ', '=', '\n']).FirstOrDefault(word => word is [>= '0' and <= '9', ..]) ?? "absent";
}
