namespace Drover.Samples;

/// <summary>Ten workers that each sleep a second and together take one second.</summary>
/// <remarks>
/// Notice:
/// - All ten run on one thread. A coroutine that sleeps does not hold it.
/// - So the counter needs no lock: code is interleaved only where it awaits, never inside of <c>done++</c>.
/// - RunAsync returns when the last worker has ended. There is nothing to join, and nothing to forget.
/// </remarks>
internal static class Workers
{
    public static async Task<TimeSpan> RunAsync(TextWriter output)
    {
        TimeProvider clock = EventLoop.Current.Time;
        long start = clock.GetTimestamp();
        int done = 0;
        await TaskGroup.RunAsync(group =>
        {
            for (int number = 1; number <= 10; number++)
            {
                group.Start(WorkAsync, $"worker {number}");
            }
        });

        TimeSpan elapsed = clock.GetElapsedTime(start);
        output.WriteLine($"{done} workers slept a second each. Together they took {elapsed.TotalSeconds:0.0} s.");
        return elapsed;

        async Task WorkAsync()
        {
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
            done++;
            output.WriteLine($"{Coroutine.Current.Name} is done");
        }
    }
}
