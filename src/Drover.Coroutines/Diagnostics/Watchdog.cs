namespace Drover.Coroutines;

/// <summary>
/// One thread for all loops of the process. It compares each loop's number of steps: when that stands still while the
/// loop is not asleep, one step blocks it, and that is reported once for each such step.
/// </summary>
internal static class Watchdog
{
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<EventLoop, Seen> s_loops = [];
    private static Thread? s_thread;

    /// <summary>A loop was added since the watchdog looked: it must look again before it waits, perhaps for ever.</summary>
    private static bool s_hasNews;

    internal static void Add(EventLoop loop)
    {
        if (loop.Options.BlockedAfter <= TimeSpan.Zero)
        {
            return; // Infinite is below zero: turned off.
        }

        lock (s_gate)
        {
            s_loops[loop] = new Seen(-1, MachineClock.Instance.Now, IsReported: true);
            if (s_thread is null)
            {
                s_thread = new Thread(Watch) { IsBackground = true, Name = "drover-watchdog" };
                s_thread.UnsafeStart();
            }

            lock (s_loops)
            {
                s_hasNews = true;
                Monitor.Pulse(s_loops);
            }
        }
    }

    internal static void Remove(EventLoop loop)
    {
        lock (s_gate)
        {
            s_loops.Remove(loop);
        }
    }

    private static void Watch()
    {
        while (true)
        {
            TimeSpan shortest = LookAtAll();
            lock (s_loops)
            {
                if (!s_hasNews)
                {
                    Monitor.Wait(s_loops, shortest);
                }

                s_hasNews = false;
            }
        }
    }

    /// <summary>A wait of less would be none.</summary>
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);

    /// <summary>Looking now and then costs nothing; a monitor does not wait for months.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);

    /// <summary>Looks at each loop and returns when to look again.</summary>
    private static TimeSpan LookAtAll()
    {
        var blocked = new List<(EventLoop Loop, TimeSpan Elapsed)>();
        TimeSpan shortest = Timeout.InfiniteTimeSpan;
        lock (s_gate)
        {
            long now = MachineClock.Instance.Now;
            foreach (EventLoop loop in s_loops.Keys.ToArray())
            {
                TimeSpan interval = loop.Options.BlockedAfter < s_least * 4 ? s_least : loop.Options.BlockedAfter / 4;
                interval = interval < s_longest ? interval : s_longest;
                shortest = shortest < TimeSpan.Zero || interval < shortest ? interval : shortest;
                Seen seen = s_loops[loop];
                long steps = loop.Steps;
                if (steps != seen.Steps || loop.IsAsleep)
                {
                    s_loops[loop] = new Seen(steps, now, IsReported: false);
                }
                else if (!seen.IsReported && now >= Durations.After(seen.At, loop.Options.BlockedAfter))
                {
                    s_loops[loop] = seen with { IsReported = true };
                    blocked.Add((loop, TimeSpan.FromTicks((now - seen.At) / Durations.NanosecondsPerTick)));
                }
            }
        }

        foreach ((EventLoop loop, TimeSpan elapsed) in blocked)
        {
            loop.Guard(() => loop.ReportBlocked(elapsed));
        }

        return shortest;
    }

    private readonly record struct Seen(long Steps, long At, bool IsReported);
}
