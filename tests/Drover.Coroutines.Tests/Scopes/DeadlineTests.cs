namespace Drover.Coroutines.Tests.Scopes;

public sealed class DeadlineTests
{
    private static TimeSpan Elapsed(long since) => EventLoop.Current.Time.GetElapsedTime(since);

    private static long Now => EventLoop.Current.Time.GetTimestamp();

    [Fact]
    public void Move_on_after_returns_the_value_when_there_was_time() => Loops.Run(async () =>
    {
        Outcome<int> outcome = await CancelScope.MoveOnAfterAsync(Seconds(2), async () =>
        {
            await Coroutine.SleepAsync(Seconds(1));
            return 7;
        });
        Assert.Equal(7, outcome.Value);
        Outcome done = await CancelScope.MoveOnAfterAsync(Seconds(2), async () => await Coroutine.SleepAsync(Seconds(1)));
        Assert.True(done.IsDone);
    });

    [Fact]
    public void Move_on_after_is_canceled_by_its_deadline_with_what_was_waited_for() => Loops.Run(async () =>
    {
        long begun = Now;
        Outcome outcome = await CancelScope.MoveOnAfterAsync(
            Seconds(2), async () => await new Event("bell").WaitAsync("for the end of the lesson"), "lesson");
        Assert.True(outcome.IsCanceled);
        var deadline = Assert.IsType<CancelReason.Deadline>(outcome.Reason);
        Assert.Equal(Seconds(2), deadline.After);
        Assert.Equal("lesson", deadline.Scope);
        Assert.Equal("for the end of the lesson (wait for event 'bell')", deadline.WaitedFor);
        Assert.Equal("the deadline of 2 s of 'lesson' passed while it waited for: for the end of the lesson (wait for event 'bell')", deadline.ToString());
        Assert.Equal(Seconds(2), Elapsed(begun));
    });

    [Fact]
    public void Fail_after_throws_a_timeout_that_says_what_was_waited_for() => Loops.Run(async () =>
    {
        TimeoutException error = await Assert.ThrowsAnyAsync<TimeoutException>(async () => await CancelScope.FailAfterAsync(
            Seconds(2), async () => await new Channel<int>(1, "mail").ReceiveAsync("for a letter")));
        Assert.Contains("for a letter (receive from channel 'mail')", error.Message, StringComparison.Ordinal);
        Assert.Equal(Seconds(2), Assert.IsType<DeadlineException>(error).Reason.After);

        await Assert.ThrowsAsync<DeadlineException>(async () => await CancelScope.FailAfterAsync(Seconds(1), async () =>
        {
            await Coroutine.SleepAsync(Seconds(2));
            return 1;
        }));
        Assert.Equal(1, await CancelScope.FailAfterAsync(Seconds(1), () => Task.FromResult(1)));
        await CancelScope.FailAfterAsync(Seconds(1), async () => await Coroutine.YieldAsync());
    });

    [Fact]
    public void What_a_child_waits_for_is_told_when_the_group_waits_for_it() => Loops.Run(async () =>
    {
        Outcome outcome = await CancelScope.MoveOnAfterAsync(Seconds(1), () => TaskGroup.RunAsync(group =>
        {
            group.Start(async () => await new Event("never").WaitAsync());
            return Task.CompletedTask;
        }));
        Assert.Equal("wait for event 'never'", Assert.IsType<CancelReason.Deadline>(outcome.Reason).WaitedFor);
    });

    [Fact]
    public void The_earlier_deadline_holds_whether_inside_or_outside() => Loops.Run(async () =>
    {
        long begun = Now;
        Outcome outer = await CancelScope.MoveOnAfterAsync(
            Seconds(1),
            async () =>
            {
                Outcome inner = await CancelScope.MoveOnAfterAsync(Seconds(5), async () => await Coroutine.SleepAsync(Hours(1)), "inner");
                Assert.Fail($"The inner scope absorbed the outer's cancellation: {inner}");
            },
            "outer");
        Assert.Equal("outer", Assert.IsType<CancelReason.Deadline>(outer.Reason).Scope);
        Assert.Equal(Seconds(1), Elapsed(begun));

        outer = await CancelScope.MoveOnAfterAsync(
            Seconds(5),
            async () =>
            {
                Outcome inner = await CancelScope.MoveOnAfterAsync(Seconds(1), async () => await Coroutine.SleepAsync(Hours(1)), "inner");
                Assert.Equal("inner", Assert.IsType<CancelReason.Deadline>(inner.Reason).Scope);
                await Coroutine.SleepAsync(Seconds(1));
            },
            "outer");
        Assert.True(outer.IsDone);
        Assert.Equal(Seconds(3), Elapsed(begun));
    });

    [Fact]
    public void TimeLeft_is_that_of_the_earliest_deadline_that_reaches_in() => Loops.Run(async () =>
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, CancelScope.Current.TimeLeft);
        await CancelScope.MoveOnAfterAsync(Seconds(5), async () =>
        {
            await CancelScope.MoveOnAfterAsync(Seconds(9), async () =>
            {
                Assert.Equal(Seconds(5), CancelScope.Current.TimeLeft);
                await Coroutine.SleepAsync(Seconds(2));
                Assert.Equal(Seconds(3), CancelScope.Current.TimeLeft);
                await CancelScope.ShieldAsync(Seconds(60), () =>
                {
                    Assert.Equal(Seconds(60), CancelScope.Current.TimeLeft);
                    return Task.CompletedTask;
                });
            });
        });
    });

    [Fact]
    public void A_deadline_can_be_moved_and_removed() => Loops.Run(async () =>
    {
        long begun = Now;
        Outcome outcome = await CancelScope.RunAsync(
            async scope =>
            {
                await Coroutine.SleepAsync(Seconds(1));
                scope.SetDeadline(Seconds(5));
                await Coroutine.SleepAsync(Seconds(4));
                scope.SetDeadline(Timeout.InfiniteTimeSpan);
                await Coroutine.SleepAsync(Seconds(10));
                scope.SetDeadline(Seconds(1));
                await Coroutine.SleepAsync(Seconds(10));
            },
            deadline: Seconds(2));
        Assert.Equal(Seconds(1), Assert.IsType<CancelReason.Deadline>(outcome.Reason).After);
        Assert.Equal(Seconds(16), Elapsed(begun));
    });

    [Fact]
    public void A_deadline_that_is_over_already_ends_the_first_wait() => Loops.Run(async () =>
    {
        foreach (TimeSpan late in new[] { TimeSpan.Zero, Seconds(-5) })
        {
            Outcome outcome = await CancelScope.MoveOnAfterAsync(late, async () => await Coroutine.SleepAsync(Hours(1)));
            Assert.IsType<CancelReason.Deadline>(outcome.Reason);
        }
    });

    [Fact]
    public void A_body_that_does_not_wait_is_done_whatever_its_deadline() => Loops.Run(async () =>
    {
        Outcome<int> outcome = await CancelScope.MoveOnAfterAsync(TimeSpan.Zero, () => Task.FromResult(1));
        Assert.Equal(1, outcome.Value);
    });

    [Fact]
    public void A_scope_that_was_left_leaves_no_timer() => Loops.Run(async () =>
    {
        CancelScope? left = null;
        await CancelScope.RunAsync(
            scope =>
            {
                left = scope;
                return Task.CompletedTask;
            },
            deadline: Hours(1));
        Assert.Equal(0, EventLoop.Current.Timers.Count);
        left!.SetDeadline(Hours(1));
        Assert.Equal(0, EventLoop.Current.Timers.Count);
    });

    [Fact]
    public void A_failure_passes_through_with_its_own_stack() => Loops.Run(async () =>
    {
        var error = await Assert.ThrowsAsync<InvalidDataException>(async () => await CancelScope.MoveOnAfterAsync(Seconds(1), FailAsync));
        Assert.Contains(nameof(FailAsync), error.StackTrace, StringComparison.Ordinal);

        static async Task FailAsync()
        {
            await Coroutine.YieldAsync();
            throw new InvalidDataException("bad");
        }
    });
}
