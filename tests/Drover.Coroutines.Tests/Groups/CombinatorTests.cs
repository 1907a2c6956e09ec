namespace Drover.Coroutines.Tests.Groups;

public sealed class CombinatorTests
{
    private static Func<Task<int>> After(double seconds, int value) => async () =>
    {
        await Coroutine.SleepAsync(Seconds(seconds));
        return value;
    };

    private static Func<Task<int>> FailAfter(double seconds, string message = "bad") => async () =>
    {
        await Coroutine.SleepAsync(Seconds(seconds));
        throw new InvalidDataException(message);
    };

    private static TimeSpan Elapsed(long since) => EventLoop.Current.Time.GetElapsedTime(since);

    private static long Now => EventLoop.Current.Time.GetTimestamp();

    [Fact]
    public void AllAsync_runs_all_at_once_and_keeps_their_order() => Loops.Run(async () =>
    {
        long begun = Now;
        int[] all = await TaskGroup.AllAsync(After(3, 1), After(1, 2), After(2, 3));
        Assert.Equal([1, 2, 3], all);
        Assert.Equal(Seconds(3), Elapsed(begun));
        Assert.Equal((1, "two"), await TaskGroup.AllAsync(After(2, 1), () => Task.FromResult("two")));
        Assert.Empty(await TaskGroup.AllAsync(Array.Empty<Func<Task<int>>>()));
        int ran = 0;
        await TaskGroup.AllAsync(
            () =>
            {
                ran++;
                return Task.CompletedTask;
            },
            async () =>
            {
                await Coroutine.SleepAsync(Seconds(1));
                ran++;
            });
        Assert.Equal(2, ran);
    });

    [Fact]
    public void AllAsync_cancels_the_others_at_the_first_failure_and_keeps_each_error_once() => Loops.Run(async () =>
    {
        long begun = Now;
        var error = await Assert.ThrowsAsync<TaskGroupException>(() => TaskGroup.AllAsync(After(100, 1), FailAfter(1), FailAfter(50, "never")));
        Assert.Equal("bad", Assert.Single(error.InnerExceptions).Message);
        Assert.Equal(Seconds(1), Elapsed(begun));
    });

    [Fact]
    public void FirstAsync_returns_the_first_value_and_waits_for_the_losers_to_clean_up() => Loops.Run(async () =>
    {
        long begun = Now;
        bool cleanedUp = false;
        int first = await TaskGroup.FirstAsync(After(2, 2), After(1, 1), async () =>
        {
            try
            {
                await Coroutine.SleepAsync(Hours(1));
            }
            finally
            {
                await CancelScope.ShieldAsync(Seconds(60), async () => await Coroutine.SleepAsync(Seconds(5)));
                cleanedUp = true;
            }

            return 3;
        });
        Assert.Equal(1, first);
        Assert.True(cleanedUp);
        Assert.Equal(Seconds(6), Elapsed(begun));
    });

    [Fact]
    public void FirstAsync_keeps_the_first_of_two_values_of_one_turn() => Loops.Run(async () =>
        Assert.Equal(1, await TaskGroup.FirstAsync(() => Task.FromResult(1), () => Task.FromResult(2))));

    [Fact]
    public void FirstAsync_throws_a_failure_before_any_value_and_one_of_a_loser() => Loops.Run(async () =>
    {
        await Assert.ThrowsAsync<TaskGroupException>(() => TaskGroup.FirstAsync(FailAfter(1), After(2, 2)));
        await Assert.ThrowsAsync<TaskGroupException>(() => TaskGroup.FirstAsync(After(1, 1), async () =>
        {
            await Coroutine.TrySleepAsync(Hours(1));
            throw new InvalidDataException("clean-up");
        }));
        await Assert.ThrowsAnyAsync<Exception>(() => TaskGroup.FirstAsync<int>());
    });

    [Fact]
    public void FirstAsync_is_canceled_with_the_scope_around() => Loops.Run(async () =>
    {
        Outcome<int> outcome = await CancelScope.MoveOnAfterAsync(Seconds(1), () => TaskGroup.FirstAsync(After(2, 2), After(3, 3)));
        Assert.IsType<CancelReason.Deadline>(outcome.Reason);
    });

    [Fact]
    public void MapAsync_runs_at_most_so_many_at_once_and_keeps_the_order() => Loops.Run(async () =>
    {
        int running = 0;
        int most = 0;
        long begun = Now;
        int[] values = await TaskGroup.MapAsync(Enumerable.Range(0, 100), limit: 10, async i =>
        {
            most = Math.Max(most, ++running);
            await Coroutine.SleepAsync(Seconds(1 + (i % 3 * 0.001)));
            running--;
            return i * i;
        });
        Assert.Equal(Enumerable.Range(0, 100).Select(i => i * i), values);
        Assert.Equal(10, most);
        Assert.InRange(Elapsed(begun), Seconds(10), Seconds(10.1));
    });

    [Fact]
    public void MapAsync_takes_items_only_as_there_is_room() => Loops.Run(async () =>
    {
        int taken = 0;
        int done = 0;
        await TaskGroup.MapAsync(Items(), limit: 3, async _ =>
        {
            Assert.InRange(taken, done + 1, done + 3);
            await Coroutine.SleepAsync(Seconds(1));
            done++;
            return 0;
        });
        Assert.Equal(20, done);

        IEnumerable<int> Items()
        {
            while (taken < 20)
            {
                yield return taken++;
            }
        }
    });

    [Fact]
    public void MapAsync_with_a_limit_beyond_all_reason_starts_no_more_than_there_are_items() => Loops.Run(async () =>
    {
        int[] values = await TaskGroup.MapAsync(Enumerable.Range(0, 10).Where(i => i < 3), int.MaxValue, async i =>
        {
            await Coroutine.SleepAsync(Seconds(1));
            Assert.InRange(EventLoop.Current.Coroutines, 2, 6);
            return i;
        });
        Assert.Equal([0, 1, 2], values);
        Assert.Empty(await TaskGroup.MapAsync(Array.Empty<int>(), int.MaxValue, Task.FromResult));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => TaskGroup.MapAsync([1], 0, Task.FromResult));
    });

    [Fact]
    public void MapAsync_cancels_the_rest_at_the_first_failure_and_takes_no_more() => Loops.Run(async () =>
    {
        int begun = 0;
        var error = await Assert.ThrowsAsync<TaskGroupException>(() => TaskGroup.MapAsync(Enumerable.Range(0, 100), 2, async i =>
        {
            begun++;
            await Coroutine.SleepAsync(Seconds(1));
            return i == 3 ? throw new InvalidDataException("bad") : i;
        }));
        Assert.Equal("bad", Assert.Single(error.InnerExceptions).Message);
        Assert.InRange(begun, 4, 5);
    });

    [Fact]
    public void MapAsync_does_not_return_a_value_that_was_not_computed() => Loops.Run(async () =>
    {
        await Assert.ThrowsAnyAsync<Exception>(() => TaskGroup.MapAsync([1, 2], 2, async i =>
        {
            Coroutine.Current.Cancel("on its own");
            await Coroutine.YieldAsync();
            return i;
        }));
        await Assert.ThrowsAnyAsync<Exception>(() => TaskGroup.FirstAsync(async () =>
        {
            Coroutine.Current.Cancel("on its own");
            await Coroutine.YieldAsync();
            return 1;
        }));
    });

    [Fact]
    public void ForEachAsync_calls_the_body_for_each_item() => Loops.Run(async () =>
    {
        int sum = 0;
        await TaskGroup.ForEachAsync(Enumerable.Range(1, 10), 3, async i =>
        {
            await Coroutine.YieldAsync();
            sum += i;
        });
        Assert.Equal(55, sum);
    });
}
