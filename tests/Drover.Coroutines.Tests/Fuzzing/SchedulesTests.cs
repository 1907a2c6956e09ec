using Drover.Coroutines.Testing;

namespace Drover.Coroutines.Tests.Fuzzing;

public sealed class SchedulesTests
{
    [Fact]
    public void A_failing_seed_is_told_with_the_line_that_runs_it_again()
    {
        ScheduleException error = Assert.Throws<ScheduleException>(() => Schedules.Explore(RacyAsync));
        Assert.Contains(
            $"DROVER_SEED={error.Seed} dotnet test --filter-method '*.{nameof(A_failing_seed_is_told_with_the_line_that_runs_it_again)}'",
            error.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("did not fail when run again", error.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<TaskGroupException>(() => Schedules.Run(error.Seed, RacyAsync));
    }

    [Fact]
    public void A_failure_that_has_another_cause_than_the_order_is_told_so()
    {
        int runs = 0;
        ScheduleException error = Assert.Throws<ScheduleException>(() => Schedules.Explore(() => ++runs == 3
            ? throw new InvalidOperationException("only once")
            : Task.CompletedTask));
        Assert.Equal(3UL, error.Seed);
        Assert.Contains("It did not fail when run again", error.Message, StringComparison.Ordinal);
        Assert.Equal("only once", error.InnerException!.Message);
    }

    [Fact]
    public void A_run_tells_how_much_virtual_time_has_passed() =>
        Assert.Equal(TimeSpan.FromDays(1), Schedules.Run(1, async () => await Coroutine.SleepAsync(TimeSpan.FromDays(1))).Elapsed);

    [Fact]
    public void A_run_tells_how_often_other_threads_had_a_part_in_it()
    {
        Assert.Equal(0, Schedules.Run(1, async () => await Coroutine.YieldAsync()).FromOutside);
        Assert.Equal(2, Schedules.Run(1, async () =>
        {
            await Blocking.RunAsync(() => 1);
            await Blocking.RunAsync(() => 2);
        }).FromOutside);
    }

    [Fact]
    public void What_always_has_to_hold_is_looked_at_after_each_step_and_can_end_the_run()
    {
        int steps = 0;
        CancelScope? scope = null;
        ScheduleRun run = Schedules.Run(
            1,
            async () => await CancelScope.RunAsync(async own =>
            {
                scope = own;
                while (true)
                {
                    await Coroutine.YieldAsync();
                }
            }),
            () =>
            {
                if (++steps == 10)
                {
                    scope!.Cancel("it does not hold");
                }
            });
        Assert.Equal(run.Steps, steps);
        Assert.InRange(steps, 10, 20);
    }

    [Fact]
    public void Virtual_time_begins_at_a_fixed_moment() =>
        Assert.Equal(Schedules.Beginning, Schedules.RunInVirtualTime(() => Task.FromResult(EventLoop.Current.Time.GetUtcNow())));

    /// <summary>Adds to what it read before a wait: the lost update of every textbook. Whether it shows depends on the order.</summary>
    private static Task RacyAsync() => TaskGroup.RunAsync(async group =>
    {
        int counter = 0;
        await TaskGroup.RunAsync(adders =>
        {
            adders.Start(AddAsync);
            adders.Start(AddAsync);
        });
        Assert.Equal(2, counter);

        async Task AddAsync()
        {
            await Coroutine.YieldAsync();
            int read = counter;
            await Coroutine.YieldAsync();
            counter = read + 1;
        }
    });
}
