namespace Drover.Coroutines;

/// <summary>How an event loop runs. The defaults suit programs and servers.</summary>
public sealed record EventLoopOptions
{
    /// <summary>The loop's name, and its thread's. Default: "loop".</summary>
    public string Name { get; init; } = "loop";

    /// <summary>
    /// After which time in one step the watchdog reports the loop as blocked. Default: one second.
    /// <see cref="Timeout.InfiniteTimeSpan"/> turns the watchdog off.
    /// </summary>
    public TimeSpan BlockedAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Takes what the loop has to report: blocked, a blocking wait, a failure that nobody awaits. Called on the loop's
    /// thread, the watchdog's or one of a pool; must not block. Default: one line (or more) on the standard error stream.
    /// </summary>
    public Action<LoopReport>? OnReport { get; init; }

    /// <summary>
    /// Draws the order of ready coroutines from this seed. Default: none; they run first come first served. For tests.
    /// </summary>
    public ulong? Seed { get; init; }

    /// <summary>
    /// Replaces the clock by one that begins at this moment, stands still while anything is ready or pending outside,
    /// and then jumps to the next timer. A deadline around something outside does not pass. Default: none; the machine's
    /// clock. For tests.
    /// </summary>
    public DateTimeOffset? VirtualTimeFrom { get; init; }

    /// <summary>
    /// After how long without any news (in the machine's time) the loop says that it may hang. In virtual time it then
    /// ends as deadlocked, although something outside is still awaited. Otherwise it reports, and goes on waiting: when
    /// it ends and coroutines do not, or when it cannot tell whether anything outside may wake it. Default: ten seconds.
    /// </summary>
    public TimeSpan StalledAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Called after each step of a loop with a seed, outside of any coroutine.</summary>
    internal Action? AfterStep { get; init; }

    internal void Validate()
    {
        if (BlockedAfter != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(BlockedAfter, TimeSpan.Zero);
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StalledAfter, TimeSpan.Zero);
        ArgumentException.ThrowIfNullOrEmpty(Name);
    }

    internal static EventLoopOptions Default { get; } = new();
}
