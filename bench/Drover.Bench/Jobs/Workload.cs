using System.Diagnostics;
using Drover.Coroutines;

namespace Drover.Bench.Jobs;

/// <summary>What every peer is given to do.</summary>
internal static class Workload
{
    public const int Jobs = 1_000;
    public const int AtOnce = 2;
    public const int LatencySamples = 200;

    // More than once, since code that was called often enough is compiled anew while it is quiet: what is measured is a
    // server that has been up for a while, as servers are.
    private const int WarmUpRounds = 4;
    private const int WarmUpJobs = 500;
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan s_idleGap = TimeSpan.FromMilliseconds(20);

    /// <summary>A job that does nothing.</summary>
    public static string[] Nothing { get; } = ["/bin/true"];

    /// <summary>How long many jobs take once the peer is warm.</summary>
    /// <param name="run">Runs that many jobs, and returns when every ending is known.</param>
    public static async Task<TimeSpan> TimeWarmAsync(Func<int, Task> run)
    {
        for (var round = 0; round < WarmUpRounds; round++)
        {
            await run(WarmUpJobs);
            await Coroutine.SleepAsync(s_quiet);
        }

        var start = Stopwatch.GetTimestamp();
        await run(Jobs);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Milliseconds from a submit until its process has read the clock, one after the other with idle gaps.</summary>
    /// <param name="count">How many.</param>
    /// <param name="runToEnd">Runs a command as a job until it has ended.</param>
    public static Task<double[]> SampleStartsAsync(int count, Func<string[], Task> runToEnd)
    {
        var folder = Scratch.NewFolder("stamps");
        return SampleAsync(count, async number =>
        {
            var stamp = new StartStamp(Path.Combine(folder, $"{number}"));
            var submitted = TimeProvider.System.GetUtcNow();
            await runToEnd(stamp.Command);
            return (stamp.Read() - submitted).TotalMilliseconds;
        });
    }

    /// <summary>Milliseconds from a submit until the ending is known, one after the other with idle gaps.</summary>
    /// <inheritdoc cref="SampleStartsAsync" path="/param"/>
    public static Task<double[]> SampleEndsAsync(int count, Func<string[], Task> runToEnd) => SampleAsync(count, async _ =>
    {
        var start = Stopwatch.GetTimestamp();
        await runToEnd(Nothing);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    });

    /// <summary>The first samples, a quarter as many again, are for the warm-up and do not count.</summary>
    private static async Task<double[]> SampleAsync(int count, Func<int, Task<double>> take)
    {
        var warmUp = count / 4;
        var samples = new double[count];
        for (var number = -warmUp; number < count; number++)
        {
            await Coroutine.SleepAsync(s_idleGap);
            var sample = await take(number);
            if (number >= 0)
            {
                samples[number] = sample;
            }
        }

        return samples;
    }
}
