using System.Runtime.CompilerServices;
using Drover.Coroutines.Testing;

namespace Drover.Coroutines.Tests.Fuzzing;

/// <summary>The random decisions of one program. They come from the loop's seed, so the seed alone reproduces the run.</summary>
internal sealed class Chance
{
    private readonly Random _random = new((int)EventLoop.Current.Options.Seed!.Value);

    /// <summary>A long run with DROVER_SOAK=1, a short one otherwise.</summary>
    private static readonly int s_soak = Environment.GetEnvironmentVariable("DROVER_SOAK") == "1" ? 50 : 1;

    /// <summary>Runs a random program for each seed. DROVER_SEED runs one; a failure tells the line that does so.</summary>
    internal static void Explore(int seeds, Func<Chance, Task> program, [CallerMemberName] string test = "") =>
        Schedules.Explore(() => program(new Chance()), seeds * s_soak, test);

    /// <summary>Runs a program twice with each of a few seeds: the trace is the same for one seed, and differs between them.</summary>
    internal static void CheckReplay(Func<Chance, Task> program)
    {
        const int Seeds = 25;
        var hashes = new HashSet<ulong>();
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            ScheduleRun first = Schedules.Run(seed, () => program(new Chance()));
            ScheduleRun second = Schedules.Run(seed, () => program(new Chance()));
            Assert.Equal(first, second);
            hashes.Add(first.TraceHash);
        }

        Assert.True(hashes.Count > Seeds * 3 / 4, "Different seeds give different orders.");
    }

    internal int Below(int limit) => _random.Next(limit);

    internal bool OneIn(int count) => _random.Next(count) == 0;

    internal T Of<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    /// <summary>A few milliseconds; few different values, so that things fall on the same moment.</summary>
    internal TimeSpan Moment(int limit = 5) => TimeSpan.FromMilliseconds(_random.Next(limit));

    /// <summary>Goes on now, after a turn, or after a moment.</summary>
    internal async Task PauseAsync()
    {
        switch (Below(4))
        {
            case 0:
                break;
            case 1:
                await Coroutine.YieldAsync();
                break;
            default:
                await Coroutine.SleepAsync(Moment());
                break;
        }
    }

    /// <summary>
    /// Runs <paramref name="operation"/> as it is, under a deadline, in a scope that another coroutine cancels at a random
    /// moment, or in several of these. Returns when it has ended, one way or the other.
    /// </summary>
    internal async Task InScopesAsync(TaskGroup group, Func<Task> operation)
    {
        switch (Below(5))
        {
            case 0:
                await operation();
                break;
            case 1:
                await CancelScope.MoveOnAfterAsync(Moment(), operation);
                break;
            case 2:
                await CancelScope.RunAsync(scope =>
                {
                    StartCanceler(group, scope);
                    return operation();
                });
                break;
            case 3:
                await CancelScope.MoveOnAfterAsync(Moment(), () => CancelScope.RunAsync(scope =>
                {
                    StartCanceler(group, scope);
                    return operation();
                }).AsTask());
                break;
            default:
                await CancelScope.RunAsync(async outer =>
                {
                    StartCanceler(group, outer);
                    await CancelScope.ShieldAsync(Moment(), () => InScopesAsync(group, operation));
                });
                break;
        }
    }

    private void StartCanceler(TaskGroup group, CancelScope scope) => group.Start(async () =>
    {
        await PauseAsync();
        scope.Cancel("by chance");
    });
}
