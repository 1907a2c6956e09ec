using System.Diagnostics;

namespace Drover.Simulation.Tests;

/// <summary>The promises, kept under everything that goes wrong.</summary>
public sealed class SeedTests
{
    [Fact]
    public void Every_seed_keeps_the_promises()
    {
        ulong first = ulong.TryParse(Environment.GetEnvironmentVariable("DROVER_SEED"), out ulong only) ? only : 1;
        ulong count = only > 0 ? 1 : ulong.TryParse(Environment.GetEnvironmentVariable("DROVER_SEEDS"), out ulong given) ? given : 100;
        long began = Stopwatch.GetTimestamp();
        for (ulong seed = first; seed < first + count; seed++)
        {
            SeedRun run = Simulation.Run(seed);
            if (run.Failure is null)
            {
                continue;
            }

            SeedRun shortest = Simulation.Shorten(run);
            Assert.Fail(
                $"""
                Seed {seed} breaks a promise after {shortest.Steps} of {run.Steps} steps: {shortest.Failure!.Message}
                Again: DROVER_SEED={seed} ./test Every_seed_keeps_the_promises
                {string.Join('\n', shortest.Trace)}
                {(shortest.Failure is BrokenPromiseException ? "" : shortest.Failure)}
                """);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{count / Stopwatch.GetElapsedTime(began).TotalSeconds:F1} seeds/s");
    }
}
