using System.Diagnostics;
using Drover.Bench.Jobs.Servers;
using Drover.Bench.Orchestration;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Peers;

/// <summary>What a newcomer sees: the first result from a fresh clone, and how much longer than the program the second takes.</summary>
/// <remarks>
/// The clone has what is committed. Its compiler and build servers are new ones, because they are found through
/// <c>TMPDIR</c>, which is the suite's own.
/// </remarks>
internal static class FreshClone
{
    private const string Sample = "samples/orbits/orbits.sh";
    private const int Repetitions = 3;

    public static async Task<Figures> MeasureAsync()
    {
        var clone = Path.Combine(Scratch.NewFolder("clone"), "drover");
        var data = Scratch.NewFolder("drover");
        var launcher = Path.Combine(clone, "drover");
        await Programs.RunAsync(new ProcessSpec(Programs.Find("git"), "clone", "--quiet", Repository.Root, clone));
        foreach (var file in new[] { launcher, Path.Combine(clone, Sample) })
        {
            if (!File.Exists(file))
            {
                throw new BenchmarkException($"a clone has no {Path.GetRelativePath(clone, file)}");
            }
        }

        var run = DroverServer.Command(launcher, data, "run", Sample) with { WorkingDirectory = clone };
        var program = new ProcessSpec(Path.Combine(clone, Sample)) { WorkingDirectory = Scratch.NewFolder("alone") };
        try
        {
            var first = await TimeAsync(run);
            var (again, alone) = (new double[Repetitions], new double[Repetitions]);
            for (var repetition = 0; repetition < Repetitions; repetition++)
            {
                again[repetition] = await TimeAsync(run);
                alone[repetition] = await TimeAsync(program);
            }

            var (runAgain, programAlone) = (Quantile.Of(again, 0.5), Quantile.Of(alone, 0.5));
            return Figures.Of(("first-run-s", first), ("run-again-s", runAgain), ("run-again-added-s", runAgain - programAlone))
                with
            { Note = $"the program alone takes {programAlone:F2} s" };
        }
        finally
        {
            await DroverServer.StopAsync(launcher, data);
        }
    }

    private static async Task<double> TimeAsync(ProcessSpec spec)
    {
        var start = Stopwatch.GetTimestamp();
        await Programs.RunAsync(spec);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
