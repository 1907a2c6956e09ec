using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Drover.Bench.Runtime.Cases;

/// <summary>CPU-bound work for an executor: arithmetic without allocation.</summary>
internal static class BusyWork
{
    public static TimeSpan Duration { get; } = TimeSpan.FromSeconds(2);

    public static void Run()
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Duration)
        {
            Churn(10_000_000);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Churn(int rounds)
    {
        var x = 88172645463325252UL;
        for (var i = 0; i < rounds; i++)
        {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
        }

        return x;
    }
}
