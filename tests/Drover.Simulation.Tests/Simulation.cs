using System.Collections.Concurrent;
using System.Diagnostics;
using Drover.Coroutines.Testing;
using Drover.Simulation.Tests.Networks;

namespace Drover.Simulation.Tests;

/// <summary>Runs seeds, and tells what is needed to understand one that fails.</summary>
internal static class Simulation
{
    private static readonly ConcurrentDictionary<ulong, long> s_running = new();

    /// <summary>Seeds that have been running for so long: the code goes in circles, and virtual time stands still.</summary>
    internal static IEnumerable<ulong> RunningFor(TimeSpan time) => s_running.Where(run => Stopwatch.GetElapsedTime(run.Value) > time).Select(run => run.Key);

    /// <summary>Runs one seed; throws what it finds.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="steps">Only so many steps of the scenario.</param>
    internal static SeedRun Run(ulong seed, int steps = int.MaxValue)
    {
        s_running[seed] = Stopwatch.GetTimestamp();
        try
        {
            return RunToTheEnd(seed, steps);
        }
        finally
        {
            s_running.TryRemove(seed, out _);
        }
    }

    private static SeedRun RunToTheEnd(ulong seed, int steps)
    {
        using var world = new World(seed);
        var invariants = new Invariants(world);
        try
        {
            ScheduleRun run = Schedules.Run(seed, () => TaskGroup.RunAsync(
                async group =>
                {
                    world.Group = group;
                    try
                    {
                        await PlayAsync(world, steps);
                        group.Cancel("the end of the world");
                    }
                    finally
                    {
                        world.Server.Crash(); // So that nobody waits for its disk.
                    }
                },
                "world"), invariants.AfterStep);
            Exception? failure = world.Failure ?? (run.FromOutside == 0 ? null
                : new BrokenPromiseException($"other threads had a part in it {run.FromOutside} times: it can go otherwise each time"));
            return new SeedRun(seed, Math.Min(world.Steps, steps), run, failure, world.Trace, world.Tree);
        }
        catch (Exception e)
        {
            return new SeedRun(seed, Math.Min(world.Steps, steps), null, world.Failure ?? Innermost(e), world.Trace, world.Tree);
        }
    }

    /// <summary>The shortest beginning of a failing seed's scenario that still fails, in some way.</summary>
    internal static SeedRun Shorten(SeedRun failing)
    {
        SeedRun best = failing;
        for (int steps = failing.Steps; steps >= 0; steps--)
        {
            if (Run(failing.Seed, steps) is { Failure: not null } shorter)
            {
                best = shorter;
            }
            else if (failing.Steps - steps > 60)
            {
                break;
            }
        }

        return best;
    }

    private static Exception Innermost(Exception e) => e switch
    {
        AggregateException { InnerExceptions: [var only] } => Innermost(only),
        TaskGroupException { InnerExceptions: [var first, ..] } => Innermost(first),
        _ => e,
    };

    private static async Task PlayAsync(World world, int steps)
    {
        var scenario = new Scenario(world);
        world.Steps = scenario.Steps.Count;
        world.Server.Start();
        foreach (SimAgent agent in world.Agents)
        {
            agent.Start();
        }

        await scenario.PlayAsync(steps);
        world.Server.Disk.DiesIn = null;
        await Coroutine.SleepAsync(TimeSpan.FromMinutes(5), "the end of all that goes wrong");
        foreach (Users.SimUser user in scenario.Users)
        {
            await user.CancelEternalAsync();
            await user.ReleaseAllAsync();
        }

        var promises = new Promises(world, scenario.Users);
        await promises.ComeToRestAsync();
        promises.Check();
    }
}

/// <summary>One seed's run.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Steps">How many steps were played.</param>
/// <param name="Schedule">What the loop tells; null when it failed.</param>
/// <param name="Failure">What was found.</param>
/// <param name="Trace">What happened.</param>
/// <param name="Tree">What every coroutine waited for when it was found.</param>
internal sealed record SeedRun(
    ulong Seed, int Steps, ScheduleRun? Schedule, Exception? Failure, IReadOnlyList<string> Trace, string? Tree);
