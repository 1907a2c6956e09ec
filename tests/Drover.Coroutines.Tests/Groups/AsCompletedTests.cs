namespace Drover.Coroutines.Tests.Groups;

public sealed class AsCompletedTests
{
    private static Func<Task<int>> After(double seconds, int value) => async () =>
    {
        await Coroutine.SleepAsync(Seconds(seconds));
        return value;
    };

    [Fact]
    public void Values_come_in_order_of_completion() => Loops.Run(async () =>
    {
        var values = new List<int>();
        await foreach (int value in TaskGroup.AsCompletedAsync(After(3, 3), After(1, 1), After(2, 2), () => Task.FromResult(0)))
        {
            values.Add(value);
        }

        Assert.Equal([0, 1, 2, 3], values);
    });

    [Fact]
    public void Values_that_come_while_the_consumer_is_busy_wait_for_it() => Loops.Run(async () =>
    {
        var values = new List<int>();
        await foreach (int value in TaskGroup.AsCompletedAsync(After(3, 3), After(1, 1), After(2, 2)))
        {
            values.Add(value);
            await Coroutine.SleepAsync(Seconds(10));
        }

        Assert.Equal([1, 2, 3], values);
    });

    [Fact]
    public void The_consumer_stays_in_its_own_scope() => Loops.Run(async () =>
    {
        CancelScope scope = CancelScope.Current;
        await foreach (int _ in TaskGroup.AsCompletedAsync(After(1, 1), After(2, 2)))
        {
            Assert.Same(scope, CancelScope.Current);
            await Coroutine.YieldAsync();
            Assert.Same(scope, CancelScope.Current);
        }

        Assert.Same(scope, CancelScope.Current);
    });

    [Fact]
    public void Leaving_early_cancels_the_rest_and_waits_for_them() => Loops.Run(async () =>
    {
        bool cleanedUp = false;
        await foreach (int value in TaskGroup.AsCompletedAsync(After(1, 1), async () =>
        {
            try
            {
                await Coroutine.SleepAsync(Hours(1));
            }
            finally
            {
                await CancelScope.ShieldAsync(Seconds(60), async () => await Coroutine.SleepAsync(Seconds(1)));
                cleanedUp = true;
            }

            return 2;
        }))
        {
            Assert.Equal(1, value);
            break;
        }

        Assert.True(cleanedUp);
        await Coroutine.SleepAsync(Seconds(1));
    });

    [Fact]
    public void A_failure_is_thrown_after_all_have_ended() => Loops.Run(async () =>
    {
        var values = new List<int>();
        var error = await Assert.ThrowsAsync<TaskGroupException>(async () =>
        {
            await foreach (int value in TaskGroup.AsCompletedAsync(
                After(1, 1), async () => throw new InvalidDataException(await Late()), After(100, 3)))
            {
                values.Add(value);
            }
        });
        Assert.Equal([1], values);
        Assert.Equal("bad", Assert.Single(error.InnerExceptions).Message);

        static async Task<string> Late()
        {
            await Coroutine.SleepAsync(Seconds(2));
            return "bad";
        }
    });

    [Fact]
    public void An_error_of_one_that_cleans_up_after_the_consumer_left_is_not_lost() => Loops.Run(async () =>
    {
        var error = await Assert.ThrowsAsync<TaskGroupException>(async () =>
        {
            await foreach (int _ in TaskGroup.AsCompletedAsync(After(1, 1), FailingCleanUp))
            {
                break;
            }
        });
        Assert.Equal("clean-up", Assert.Single(error.InnerExceptions).Message);
    });

    [Fact]
    public void An_error_while_the_scope_around_is_canceled_is_not_lost() => Loops.Run(async () =>
    {
        var error = await Assert.ThrowsAsync<TaskGroupException>(async () => await CancelScope.MoveOnAfterAsync(Seconds(5), async () =>
        {
            await foreach (int _ in TaskGroup.AsCompletedAsync(After(1, 1), FailingCleanUp))
            {
                await Coroutine.YieldAsync();
            }
        }));
        Assert.Equal("clean-up", Assert.Single(error.InnerExceptions).Message);
    });

    [Fact]
    public void A_cancellation_around_ends_the_enumeration() => Loops.Run(async () =>
    {
        var values = new List<int>();
        Outcome outcome = await CancelScope.MoveOnAfterAsync(Seconds(2), async () =>
        {
            await foreach (int value in TaskGroup.AsCompletedAsync(After(1, 1), After(100, 2)))
            {
                values.Add(value);
            }
        });
        Assert.Equal([1], values);
        Assert.IsType<CancelReason.Deadline>(outcome.Reason);
    });

    private static async Task<int> FailingCleanUp()
    {
        try
        {
            await Coroutine.SleepAsync(Hours(1));
        }
        catch (ScopeCanceledException)
        {
            throw new InvalidDataException("clean-up");
        }

        return 2;
    }
}
