using System.Globalization;
using System.Text.Json;
using Drover.Bench.Jobs.Servers;
using Drover.Bench.Orchestration;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Peers;

/// <summary>Celery with Redis as its broker and result store. Its client is in Python: <c>bench_celery.py</c>.</summary>
internal static class CeleryPeer
{
    private const string Module = "bench_celery";

    private static readonly string s_client = Repository.PythonScript("jobs", $"{Module}.py");

    /// <param name="isDurable">Whether a task survives the death of the worker and of Redis.</param>
    public static JobsPeer Create(bool isDurable) => new(
        new Dictionary<string, Func<Task<Figures>>>(StringComparer.Ordinal)
        {
            ["throughput"] = async () => Figures.Throughput(
                Workload.Jobs, TimeSpan.FromSeconds((await RunAsync(isDurable, "throughput", Workload.Jobs)).Seconds!.Value)),
            ["start-latency"] = () => LatencyAsync(isDurable, "start-latency"),
            ["end-latency"] = () => LatencyAsync(isDurable, "end-latency"),
        },
        async () => Programs.WhyMissing("redis-server", RedisServer.Program) ?? await Peer.WhyNoModuleAsync("celery, redis", "python3-celery, python3-redis"));

    private static async Task<Figures> LatencyAsync(bool isDurable, string name) =>
        Figures.Latency(name, (await RunAsync(isDurable, name, Workload.LatencySamples)).Samples!);

    private static Task<Found> RunAsync(bool isDurable, string name, int count) => RedisServer.RunAsync(isDurable, redis =>
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["BENCH_REDIS"] = redis.OriginalString,
            ["BENCH_DURABLE"] = isDurable ? "yes" : "no",
            ["PYTHONPATH"] = Path.GetDirectoryName(s_client),
            ["PYTHONDONTWRITEBYTECODE"] = "1",
        };
        var folder = Scratch.NewFolder("celery");
        var worker = new ProcessSpec(
            Repository.Python,
            "-m", "celery", "-A", Module, "worker", "--concurrency", $"{Workload.AtOnce}", "--loglevel", "WARNING")
        {
            WorkingDirectory = folder,
            Environment = environment,
            Output = OutputTarget.File(Path.Combine(folder, "worker.log")),
            Error = OutputTarget.SameAsOutput,
        };
        var client = new ProcessSpec(Repository.Python, s_client, name, count.ToString(CultureInfo.InvariantCulture))
        {
            WorkingDirectory = folder,
            Environment = environment,
        };

        // The client warms up first, so that it waits until the worker is there.
        return Subprocess.RunAsync(worker, async _ => JsonSerializer.Deserialize<Found>(await Programs.RunAsync(client), JsonSerializerOptions.Web)!);
    });

    private sealed record Found(double? Seconds = null, double[]? Samples = null);
}
