using System.Diagnostics;
using Drover.Bench.Orchestration;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Servers;

/// <summary>Waiting for servers of others, which tell nobody when they are ready.</summary>
internal static class Readiness
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <exception cref="BenchmarkException">It is not ready after half a minute, or its process has ended.</exception>
    public static async Task WaitAsync(Subprocess server, string log, Func<Task<bool>> isReady)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await isReady())
        {
            if (server.Exit is not null || Stopwatch.GetElapsedTime(start) > s_patience)
            {
                var state = server.Exit is { } exit ? $"{exit}" : $"is not ready after {s_patience.TotalSeconds} seconds";
                throw new BenchmarkException($"{server} {state}: {LastLine(log)}");
            }

            await Coroutine.SleepAsync(s_pause, $"{server} to be ready");
        }
    }

    private static string LastLine(string log) =>
        File.Exists(log) && File.ReadLines(log).LastOrDefault(line => line.Length > 0) is { } line ? line : "it wrote no log";
}
