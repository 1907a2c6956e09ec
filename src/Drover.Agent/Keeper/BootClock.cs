namespace Drover.Agent.Keeper;

/// <summary>The time since this machine was started, which the start times of its processes are told in. It also goes on while the machine sleeps.</summary>
internal static unsafe class BootClock
{
    private static readonly long s_ticksPerSecond = Libc.sysconf(Libc.SC_CLK_TCK);

    /// <summary>The kernel's word for this run of the machine.</summary>
    internal static string Boot { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>The time since the start.</summary>
    internal static TimeSpan Now
    {
        get
        {
            Libc.Moment moment;
            _ = Libc.clock_gettime(Libc.CLOCK_BOOTTIME, &moment);
            return TimeSpan.FromSeconds(moment.Seconds) + TimeSpan.FromMicroseconds(moment.Nanoseconds / 1000.0);
        }
    }

    /// <summary>How long ago that was.</summary>
    internal static TimeSpan Since(long ticks) => Now - TimeSpan.FromSeconds((double)ticks / s_ticksPerSecond);
}
