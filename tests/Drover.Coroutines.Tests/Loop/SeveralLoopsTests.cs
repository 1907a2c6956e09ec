namespace Drover.Coroutines.Tests.Loop;

public sealed class SeveralLoopsTests
{
    [Fact]
    public async Task Several_loops_run_side_by_side()
    {
        EventLoop[] loops = [.. Enumerable.Range(0, 4).Select(i => EventLoop.Start($"loop {i}"))];
        int[] counters = new int[loops.Length];
        await Loops.Within(Task.WhenAll(loops.SelectMany((loop, i) => Enumerable.Range(0, 200).Select(_ => loop.InvokeAsync(async () =>
        {
            int before = counters[i];
            Assert.Same(loop, EventLoop.Current);
            counters[i] = before + 1;
            await Coroutine.YieldAsync();
            Assert.Same(loop, EventLoop.Current);
        })))));
        Assert.All(counters, counter => Assert.Equal(200, counter));
        foreach (EventLoop loop in loops)
        {
            await Loops.Within(loop.StopAsync());
        }
    }

    [Fact]
    public void A_coroutine_that_calls_into_another_loop_comes_back_to_its_own() => Loops.RunInRealTime(async () =>
    {
        EventLoop here = EventLoop.Current;
        Coroutine coroutine = Coroutine.Current;
        await using EventLoop other = EventLoop.Start("other");
        EventLoop there = await other.InvokeAsync(async () =>
        {
            await Coroutine.YieldAsync();
            return EventLoop.Current;
        });
        Assert.Same(other, there);
        Assert.Same(here, EventLoop.Current);
        Assert.Same(coroutine, Coroutine.Current);
    });

    [Fact]
    public void Two_loops_play_ping_pong() => Loops.RunInRealTime(async () =>
    {
        EventLoop here = EventLoop.Current;
        var arrived = new Channel<int>(1);
        await using EventLoop other = EventLoop.Start("other");
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () =>
            {
                for (int i = 0; i < 500; i++)
                {
                    int answer = i;
                    await other.InvokeAsync(async () => await here.InvokeAsync(async () => await arrived.SendAsync(answer)));
                }
            });
            for (int i = 0; i < 500; i++)
            {
                Assert.Equal(i, await arrived.ReceiveAsync());
            }
        });
    });

    [Fact]
    public void A_coroutine_that_is_canceled_while_it_waits_for_another_loop_can_cancel_there() => Loops.RunInRealTime(async () =>
    {
        await using EventLoop other = EventLoop.Start("other");
        CancelReason? there = null;
        Outcome<CancelReason?> outcome = await CancelScope.RunAsync(
            async scope => await other.InvokeAsync(
                async () => there = (await Coroutine.TrySleepAsync(Timeout.InfiniteTimeSpan)).Reason, cancellationToken: scope.Token),
            deadline: Milliseconds(20));
        Assert.NotNull(there);
        Assert.Null(outcome.Error);
    });

    [Fact]
    public void A_cancellation_that_comes_back_from_another_loop_is_that_of_the_scope_whose_token_went_there() => Loops.RunInRealTime(async () =>
    {
        await using EventLoop other = EventLoop.Start("other");
        Outcome outcome = await CancelScope.MoveOnAfterAsync(
            Milliseconds(20),
            async () =>
            {
                Outcome inner = await CancelScope.RunAsync(async scope => await other.InvokeAsync(
                    async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan), cancellationToken: CancelScope.Current.Token));
                Assert.Fail($"The scope inside absorbed it: {inner}");
            });
        Assert.IsType<CancelReason.Deadline>(outcome.Reason);
    });

    [Fact]
    public void A_cancellation_of_another_loops_own_is_not_swallowed() => Loops.RunInRealTime(async () =>
    {
        await using EventLoop other = EventLoop.Start("other");
        ScopeCanceledException error = await Assert.ThrowsAsync<ScopeCanceledException>(async () => await CancelScope.RunAsync(
            async scope => await other.InvokeAsync(async () =>
            {
                CancelScope.Current.Cancel("there");
                await Coroutine.YieldAsync();
            })));
        Assert.Contains("there", error.Message, StringComparison.Ordinal);
    });
}
