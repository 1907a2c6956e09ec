using System.Diagnostics;
using Drover.Bench.Jobs.Servers;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Peers;

/// <summary>Slurm: <c>sbatch</c> for each job, <c>squeue</c> to see that all have ended, <c>sbatch -W</c> to wait for one.</summary>
internal static class SlurmPeer
{
    // It takes a second or two for each: fewer say as much.
    private const int Jobs = 100;
    private const int StartSamples = 16;
    private const int EndSamples = 4;

    private const int SubmitsAtOnce = 4;
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(100);

    public static JobsPeer Peer { get; } = new(
        new Dictionary<string, Func<Task<Figures>>>(StringComparer.Ordinal)
        {
            ["throughput"] = () => SlurmCluster.RunAsync(ThroughputAsync),
            ["start-latency"] = () => SlurmCluster.RunAsync(StartLatencyAsync),
            ["end-latency"] = () => SlurmCluster.RunAsync(EndLatencyAsync),
        },
        () => Task.FromResult(Programs.WhyMissing("slurm-wlm, munge", SlurmCluster.Programs)));

    private static async Task<Figures> ThroughputAsync(SlurmCluster slurm)
    {
        var script = slurm.Script("nothing", "exec /bin/true");
        await RunAsync(Workload.AtOnce);
        var start = Stopwatch.GetTimestamp();
        await RunAsync(Jobs);
        return Figures.Throughput(Jobs, Stopwatch.GetElapsedTime(start)) with { Note = $"{Jobs} jobs" };

        async Task RunAsync(int jobs)
        {
            await TaskGroup.ForEachAsync(Enumerable.Range(0, jobs), SubmitsAtOnce, _ => slurm.AskAsync("sbatch", script));
            await WaitForAllAsync(slurm, s_pollInterval);
        }
    }

    private static async Task<Figures> StartLatencyAsync(SlurmCluster slurm)
    {
        var script = slurm.Script("command", """exec "$@" """);
        var samples = await Workload.SampleStartsAsync(StartSamples, async command =>
        {
            await slurm.AskAsync("sbatch", [script, .. command]);
            await WaitForAllAsync(slurm, TimeSpan.FromMilliseconds(20));
        });
        return Figures.Latency("start-latency", samples) with
        {
            Note = $"{StartSamples} samples; an idle Slurm looks at new jobs about once a second",
        };
    }

    private static async Task<Figures> EndLatencyAsync(SlurmCluster slurm)
    {
        var script = slurm.Script("command", """exec "$@" """);
        var samples = await Workload.SampleEndsAsync(EndSamples, command => slurm.AskAsync("sbatch", ["-W", script, .. command]));
        return Figures.Latency("end-latency", samples) with { Note = $"sbatch -W, {EndSamples} samples" };
    }

    private static async Task WaitForAllAsync(SlurmCluster slurm, TimeSpan pollInterval)
    {
        while ((await slurm.AskAsync("squeue", "-h")).Length > 0)
        {
            await Coroutine.SleepAsync(pollInterval, "jobs of Slurm");
        }
    }
}
