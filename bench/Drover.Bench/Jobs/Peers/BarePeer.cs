using System.Globalization;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Peers;

/// <summary>
/// A loop that starts processes as Drover does, each with a run directory and two files in it, and keeps no record: what
/// is left when everything that makes a job system is taken away.
/// </summary>
internal static class BarePeer
{
    public static JobsPeer Peer { get; } = new(
        new Dictionary<string, Func<Task<Figures>>>(StringComparer.Ordinal)
        {
            ["throughput"] = ThroughputAsync,
            ["start-latency"] = async () =>
                Figures.Latency("start-latency", await Workload.SampleStartsAsync(Workload.LatencySamples, RunInNewFolder("starts"))),
            ["end-latency"] = async () =>
                Figures.Latency("end-latency", await Workload.SampleEndsAsync(Workload.LatencySamples, RunInNewFolder("ends"))),
        },
        () => Task.FromResult<string?>(null));

    private static async Task<Figures> ThroughputAsync()
    {
        var run = RunInNewFolder("runs");
        var time = await Workload.TimeWarmAsync(
            jobs => TaskGroup.ForEachAsync(Enumerable.Range(0, jobs), Workload.AtOnce, _ => run(Workload.Nothing)));
        return Figures.Throughput(Workload.Jobs, time);
    }

    private static Func<string[], Task> RunInNewFolder(string name)
    {
        var folder = Scratch.NewFolder(name);
        var started = 0;
        return command =>
        {
            var directory = Path.Combine(folder, (++started).ToString(CultureInfo.InvariantCulture));
            Directory.CreateDirectory(directory);
            var spec = new ProcessSpec(command[0], command[1..])
            {
                WorkingDirectory = directory,
                Output = OutputTarget.File(Path.Combine(directory, "stdout")),
                Error = OutputTarget.File(Path.Combine(directory, "stderr")),
            };
            return Subprocess.RunAsync(spec, async process => await process.WaitAsync());
        };
    }
}
