using System.Diagnostics;
using System.Globalization;

namespace Drover.Simulation.Tests;

/// <summary>The promises, kept under everything that goes wrong.</summary>
public sealed class SeedTests
{
    private const ulong DefaultSeeds = 3000;

    /// <summary>Every so many seeds one is run twice: the same seed has to go the same way.</summary>
    private const ulong RunsPerRepetition = 10;

    /// <summary>A seed takes some hundredths of a second, and one that is as large as may be some tenths.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private static readonly bool s_isSoak = Environment.GetEnvironmentVariable("DROVER_SOAK") == "1";

    /// <summary>
    /// One seed when DROVER_SEED names it; otherwise the seeds from 1 to DROVER_SEEDS. The first that breaks a promise ends
    /// it; a soak goes on until ten have.
    /// </summary>
    [Fact]
    public void Every_seed_keeps_the_promises()
    {
        if (Variable("DROVER_SEED") is { } only)
        {
            ulong way = 0;
            string? failure = Try(only, ref way);
            Assert.True(failure is null, failure);
            return;
        }

        ulong count = Variable("DROVER_SEEDS") ?? DefaultSeeds;
        long began = Stopwatch.GetTimestamp();
        var failures = new List<string>();
        ulong ways = 0; // One number for the ways that all have gone: the same in each run of the same seeds.
        Add(Try(1, ref ways)); // What is made once for the process is made before others wait for it.
        long next = 1;
        long done = 1;
        Thread[] threads = [.. Enumerable.Range(0, Math.Min(Environment.ProcessorCount, 8)).Select(_ => new Thread(Work) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        while (threads.Any(thread => !thread.Join(s_look)))
        {
            ulong[] endless = [.. Simulation.RunningFor(s_patience)];
            Assert.True(endless.Length == 0, $"Seed {endless.FirstOrDefault()} breaks a promise: it does not come to an end, and its time stands still.");
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{done} seeds, {done / Stopwatch.GetElapsedTime(began).TotalSeconds:F0} a second, {failures.Count} break promises; they went {ways:X16}"));
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));

        void Work()
        {
            while (Failures() < (s_isSoak ? 10 : 1) && (ulong)Interlocked.Increment(ref next) is var seed && seed <= count)
            {
                Add(Try(seed, ref ways));
                Interlocked.Increment(ref done);
            }
        }

        int Failures()
        {
            lock (failures)
            {
                return failures.Count;
            }
        }

        void Add(string? failure)
        {
            lock (failures)
            {
                failures.AddRange(failure is null ? [] : [failure]);
            }
        }
    }

    /// <summary>What there is to say about a seed; null when it keeps all promises.</summary>
    private static string? Try(ulong seed, ref ulong ways)
    {
        SeedRun run = Simulation.Run(seed);
        Interlocked.Add(ref ways, run.Schedule?.TraceHash ?? 0);
        if (run.Failure is not null)
        {
            return Report(Simulation.Shorten(run), run);
        }

        if (seed % RunsPerRepetition != 0)
        {
            return null;
        }

        SeedRun again = Simulation.Run(seed);
        return again.Schedule?.TraceHash == run.Schedule!.TraceHash ? null
            : $"Seed {seed} went two ways: something outside the seed has a part in it.\n{FirstDifference(run.Trace, again.Trace)}";
    }

    private static string Report(SeedRun shortest, SeedRun whole) =>
        $"""
        Seed {shortest.Seed} breaks a promise after {shortest.Steps} of {whole.Steps} steps: {shortest.Failure!.Message}
        Again: DROVER_SEED={shortest.Seed} ./test {nameof(Every_seed_keeps_the_promises)}
        {(shortest.Failure.Message == whole.Failure!.Message ? "" : $"With all steps: {whole.Failure.Message}")}
        {string.Join('\n', shortest.Trace)}
        {(shortest.Failure is BrokenPromiseException ? "" : shortest.Failure)}
        {shortest.Tree}
        """;

    private static string FirstDifference(IReadOnlyList<string> one, IReadOnlyList<string> other)
    {
        int same = one.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"They part after {same} lines:\n{one.ElementAtOrDefault(same)}\n{other.ElementAtOrDefault(same)}";
    }

    private static ulong? Variable(string name) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out ulong value) ? value : null;
}
