using System.Globalization;
using System.Runtime.CompilerServices;

namespace Drover.Coroutines.Testing;

/// <summary>
/// Runs code in virtual time and in orders drawn from seeds, to find what goes wrong only in some orders, and to have it
/// again.
/// </summary>
/// <remarks>
/// The same seed gives the same order as long as the code itself is deterministic: no real input and output, no other
/// threads, no random numbers of its own. What comes from outside is an input of the run.
/// </remarks>
public static class Schedules
{
    /// <summary>Where virtual time begins: a Saturday, midnight UTC.</summary>
    public static readonly DateTimeOffset Beginning = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const string SeedVariable = "DROVER_SEED";

    /// <summary>
    /// Runs <paramref name="body"/> in virtual time, first come first served, and returns its value; throws what it throws.
    /// Blocks the thread.
    /// </summary>
    /// <exception cref="DeadlockException">Nothing could wake the loop again, or nothing came from outside for ten seconds.</exception>
    public static T RunInVirtualTime<T>(Func<Task<T>> body) => EventLoop.Run(body, Options(null));

    /// <inheritdoc cref="RunInVirtualTime{T}(Func{Task{T}})"/>
    public static void RunInVirtualTime(Func<Task> body) => EventLoop.Run(body, Options(null));

    /// <summary>
    /// Sets the clock of the loop that runs here, as an administrator does, or a machine that finds out how late it is: the
    /// time of day jumps. Timers, deadlines and elapsed times do not. Does not block.
    /// </summary>
    /// <param name="by">How far, ahead or back.</param>
    /// <exception cref="InvalidOperationException">No loop runs on this thread, or it does not run in virtual time.</exception>
    public static void TurnClock(TimeSpan by) => EventLoop.Current.TurnVirtualClock(by);

    /// <summary>
    /// Runs <paramref name="body"/> in virtual time and in the order of one seed. Throws what it throws. Blocks the thread.
    /// </summary>
    /// <param name="seed">The seed.</param>
    /// <param name="body">The code.</param>
    /// <param name="afterStep">
    /// Called after each step, when no coroutine runs: here is what always has to hold looked at. It must not wait, and not
    /// throw: to end the run it cancels a scope.
    /// </param>
    public static ScheduleRun Run(ulong seed, Func<Task> body, Action? afterStep = null) =>
        EventLoop.RunTraced(body, Options(seed) with { AfterStep = afterStep });

    /// <summary>
    /// Runs <paramref name="body"/> once for each seed from 1 on, in virtual time, until one fails. With the environment
    /// variable DROVER_SEED it runs only that seed. Blocks the thread.
    /// </summary>
    /// <param name="body">The code; called anew for each seed, so it makes what it needs itself.</param>
    /// <param name="seeds">How many seeds. Default: 100.</param>
    /// <param name="test">Filled in by the compiler: the name of the calling test, for the line that reproduces.</param>
    /// <exception cref="ScheduleException">A seed failed. The message has the line that runs it again.</exception>
    public static void Explore(Func<Task> body, int seeds = 100, [CallerMemberName] string test = "")
    {
        if (Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } only)
        {
            Try(ulong.Parse(only, CultureInfo.InvariantCulture), body, test);
            return;
        }

        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            Try(seed, body, test);
        }
    }

    private static void Try(ulong seed, Func<Task> body, string test)
    {
        try
        {
            Run(seed, body);
        }
        catch (Exception first)
        {
            throw new ScheduleException(seed, $"{SeedVariable}={seed} dotnet test --filter-method '*.{test}'", FailsAgain(seed, body), first);
        }
    }

    private static bool FailsAgain(ulong seed, Func<Task> body)
    {
        try
        {
            Run(seed, body);
            return false;
        }
        catch (Exception)
        {
            return true;
        }
    }

    private static EventLoopOptions Options(ulong? seed) => new()
    {
        Name = seed is null ? "virtual time" : $"seed {seed}",
        Seed = seed,
        VirtualTimeFrom = Beginning,
        BlockedAfter = Timeout.InfiniteTimeSpan,
    };
}

/// <summary>One run of one seed.</summary>
/// <param name="TraceHash">The order of all steps and their virtual times, as one number: two runs with the same hash went the same way.</param>
/// <param name="Elapsed">How much virtual time passed.</param>
/// <param name="Steps">How many steps ran.</param>
/// <param name="FromOutside">
/// How often another thread brought something, at a moment that no seed decides. Zero: the seed alone decided how the run went.
/// </param>
public sealed record ScheduleRun(ulong TraceHash, TimeSpan Elapsed, long Steps, long FromOutside);

/// <summary>Code failed in the order of one seed.</summary>
public sealed class ScheduleException : CoroutineException
{
    internal ScheduleException(ulong seed, string reproduction, bool failsAgain, Exception cause)
        : base($"Seed {seed} failed: {cause.Message}\nReproduce it: {reproduction}"
            + (failsAgain ? "" : "\n(It did not fail when run again: something outside the schedule has a part in it.)"), cause)
    {
        Seed = seed;
        Reproduction = reproduction;
    }

    /// <summary>The seed.</summary>
    public ulong Seed { get; }

    /// <summary>The line that runs it again.</summary>
    public string Reproduction { get; }
}
