using System.Diagnostics;
using System.Globalization;

namespace Drover.Simulation.Tests;

/// <summary>The promises, kept under everything that goes wrong.</summary>
public sealed class SeedTests
{
    /// <summary>Every so many seeds one is run twice: the same seed has to go the same way.</summary>
    private const ulong RunsPerRepetition = 10;

    [Fact]
    public void Every_seed_keeps_the_promises()
    {
        if (Variable("DROVER_SEED") is { } only)
        {
            Try(only);
            return;
        }

        ulong count = Variable("DROVER_SEEDS") ?? 1000;
        long began = Stopwatch.GetTimestamp();
        Try(1); // What is made once for the process is made before others wait for it.
        long next = 1;
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, Math.Min(Environment.ProcessorCount, 8)).Select(_ => new Thread(Work))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        if (failure is not null)
        {
            throw failure;
        }

        TestContext.Current.SendDiagnosticMessage(
            string.Create(CultureInfo.InvariantCulture, $"{count} seeds, {count / Stopwatch.GetElapsedTime(began).TotalSeconds:F0} a second"));

        void Work()
        {
            while (Volatile.Read(ref failure) is null && (ulong)Interlocked.Increment(ref next) is var seed && seed <= count)
            {
                try
                {
                    Try(seed);
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref failure, e, null);
                }
            }
        }
    }

    private static void Try(ulong seed)
    {
        SeedRun run = Simulation.Run(seed);
        if (run.Failure is not null)
        {
            Report(Simulation.Shorten(run), run.Steps);
        }

        if (seed % RunsPerRepetition == 0)
        {
            SeedRun again = Simulation.Run(seed);
            Assert.True(
                again.Schedule?.TraceHash == run.Schedule!.TraceHash,
                $"Seed {seed} went two ways: something outside the seed has a part in it.\n{FirstDifference(run.Trace, again.Trace)}");
        }
    }

    private static void Report(SeedRun shortest, int steps) => Assert.Fail(
        $"""
        Seed {shortest.Seed} breaks a promise after {shortest.Steps} of {steps} steps: {shortest.Failure!.Message}
        Again: DROVER_SEED={shortest.Seed} ./test {nameof(Every_seed_keeps_the_promises)}
        {string.Join('\n', shortest.Trace)}
        {(shortest.Failure is BrokenPromiseException ? "" : shortest.Failure)}
        """);

    private static string FirstDifference(IReadOnlyList<string> one, IReadOnlyList<string> other)
    {
        int same = one.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"They part after {same} lines:\n{one.ElementAtOrDefault(same)}\n{other.ElementAtOrDefault(same)}";
    }

    private static ulong? Variable(string name) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out ulong value) ? value : null;
}
