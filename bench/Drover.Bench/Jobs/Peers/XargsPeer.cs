using System.Diagnostics;
using System.Text;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Peers;

/// <summary>Programs that run a command for each line of their input and keep no record: xargs and GNU parallel.</summary>
internal static class XargsPeer
{
    public static JobsPeer Xargs { get; } = Create("findutils", "xargs", $"-P{Workload.AtOnce}", "-n1");

    public static JobsPeer Parallel { get; } = Create("parallel", "parallel", "--will-cite", $"-j{Workload.AtOnce}");

    private static JobsPeer Create(string package, string program, params string[] options) => new(
        new Dictionary<string, Func<Task<Figures>>>(StringComparer.Ordinal)
        {
            ["throughput"] = () => ThroughputAsync(program, options),
        },
        () => Task.FromResult(Programs.WhyMissing(package, program)));

    private static async Task<Figures> ThroughputAsync(string program, string[] options)
    {
        var lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(1, Workload.Jobs).Select(number => $"{number}\n")));
        var spec = new ProcessSpec(Programs.Find(program), [.. options, .. Workload.Nothing])
        {
            WorkingDirectory = Scratch.NewFolder(program),
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["PARALLEL_HOME"] = Scratch.NewFolder("home") },
        };
        var start = Stopwatch.GetTimestamp();
        await Programs.RunAsync(spec, lines);
        return Figures.Throughput(Workload.Jobs, Stopwatch.GetElapsedTime(start));
    }
}
