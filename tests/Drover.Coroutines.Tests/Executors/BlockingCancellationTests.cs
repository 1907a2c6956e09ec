namespace Drover.Coroutines.Tests.Executors;

public sealed class BlockingCancellationTests : IDisposable
{
    private readonly BlockingPool _pool = new(1);
    private readonly ManualResetEventSlim _begun = new();
    private readonly ManualResetEventSlim _mayEnd = new();

    public void Dispose()
    {
        _begun.Dispose();
        _mayEnd.Dispose();
    }

    private int Work()
    {
        _begun.Set();
        Assert.True(_mayEnd.Wait(Seconds(20)));
        return 7;
    }

    private async Task UntilItHasBegun() => await Blocking.RunAsync(() => Assert.True(_begun.Wait(Seconds(20))));

    [Fact]
    public void Who_waits_gets_the_value_of_a_call_that_runs_though_it_is_canceled() => Loops.RunInRealTime(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            int value = 0;
            Coroutine caller = group.Start(async () =>
            {
                value = await Blocking.RunAsync(Work, WhenCanceled.Wait, _pool);
                Assert.True(CancelScope.Current.IsCanceled);
            });
            await UntilItHasBegun();
            caller.Cancel("stop");
            await Coroutine.YieldAsync();
            Assert.False(caller.HasEnded);
            _mayEnd.Set();
            await caller.JoinAsync();
            Assert.Equal(7, value);
        });
    });

    [Fact]
    public void Who_abandons_ends_at_once_and_the_value_is_disposed() => Loops.RunInRealTime(async () =>
    {
        using var disposed = new ManualResetEventSlim();
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine caller = group.Start(async () =>
            {
                using IDisposable never = await Blocking.RunAsync<IDisposable>(
                    () =>
                    {
                        Work();
                        return new Value(disposed);
                    },
                    WhenCanceled.Abandon,
                    _pool);
                Assert.Fail("It was abandoned.");
            });
            await UntilItHasBegun();
            caller.Cancel("stop");
            Outcome outcome = await caller.TryJoinAsync();
            Assert.Equal(new CancelReason.Requested("main", "stop"), outcome.Reason);
            Assert.False(disposed.IsSet);
            _mayEnd.Set();
            await Blocking.RunAsync(() => Assert.True(disposed.Wait(Seconds(20))));
        });
    });

    [Fact]
    public void A_value_that_is_disposed_asynchronously_is_disposed_too() => Loops.RunInRealTime(async () =>
    {
        using var disposed = new ManualResetEventSlim();
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine caller = group.Start(async () => await Blocking.RunAsync(
                () =>
                {
                    Work();
                    return new AsyncValue(disposed);
                },
                WhenCanceled.Abandon,
                _pool));
            await UntilItHasBegun();
            caller.Cancel("stop");
            await caller.TryJoinAsync();
            _mayEnd.Set();
            await Blocking.RunAsync(() => Assert.True(disposed.Wait(Seconds(20))));
        });
    });

    [Fact]
    public void The_failure_of_an_abandoned_call_is_reported()
    {
        using var reported = new ManualResetEventSlim();
        LoopReport? report = null;
        Loops.Run(
            async () => await TaskGroup.RunAsync(async group =>
            {
                Coroutine caller = group.Start(async () => await Blocking.RunAsync((Action)(
                    () =>
                    {
                        Work();
                        throw new InvalidDataException("nobody waits for this");
                    }),
                    WhenCanceled.Abandon,
                    _pool));
                await UntilItHasBegun();
                caller.Cancel("stop");
                await caller.TryJoinAsync();
                _mayEnd.Set();
                await Blocking.RunAsync(() => Assert.True(reported.Wait(Seconds(20))));
            }),
            Loops.RealTime with
            {
                OnReport = r =>
                {
                    report = r;
                    reported.Set();
                    throw new InvalidOperationException("A handler that throws on a thread of the pool must not end the process.");
                },
            });
        Assert.Equal("nobody waits for this", Assert.IsType<LoopReport.CallbackFailed>(report).Error.Message);
    }

    [Fact]
    public void A_call_that_has_not_begun_is_taken_back() => Loops.RunInRealTime(async () =>
    {
        bool ran = false;
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine first = group.Start(async () => await Blocking.RunAsync(Work, pool: _pool));
            await UntilItHasBegun();
            foreach (WhenCanceled choice in Enum.GetValues<WhenCanceled>())
            {
                Outcome<bool> outcome = await CancelScope.MoveOnAfterAsync(
                    Milliseconds(5), async () => await Blocking.RunAsync(() => ran = true, choice, _pool));
                Assert.IsType<CancelReason.Deadline>(outcome.Reason);
            }

            _mayEnd.Set();
            await first.JoinAsync();
            Assert.Equal(1, await Blocking.RunAsync(() => 1, pool: _pool));
        });
        Assert.False(ran);
    });

    [Fact]
    public void In_a_canceled_scope_no_call_begins() => Loops.RunInRealTime(async () =>
    {
        bool ran = false;
        Outcome outcome = await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel("stop");
            await Blocking.RunAsync(() => ran = true);
        });
        Assert.True(outcome.IsCanceled);
        Assert.False(ran);
    });

    [Fact]
    public void The_works_token_ends_it_early_with_the_scopes_reason() => Loops.RunInRealTime(async () =>
    {
        Outcome<int> outcome = await CancelScope.MoveOnAfterAsync(Milliseconds(5), async () => await Blocking.RunAsync(token =>
        {
            Assert.True(token.WaitHandle.WaitOne(TimeSpan.FromSeconds(20)));
            token.ThrowIfCancellationRequested();
            return 1;
        }));
        Assert.IsType<CancelReason.Deadline>(outcome.Reason);
    });

    [Fact]
    public void An_abandoned_call_that_ends_by_its_token_is_no_failure() => Loops.RunInRealTime(async () =>
    {
        Outcome<int> outcome = await CancelScope.MoveOnAfterAsync(Milliseconds(5), async () => await Blocking.RunAsync(
            token =>
            {
                Assert.True(token.WaitHandle.WaitOne(TimeSpan.FromSeconds(20)));
                token.ThrowIfCancellationRequested();
                return 1;
            },
            WhenCanceled.Abandon,
            _pool));
        Assert.IsType<CancelReason.Deadline>(outcome.Reason);
        await Blocking.RunAsync(() => 1, pool: _pool); // The pool has one thread: the abandoned call has ended.
    });

    [Fact]
    public void The_tree_shows_a_call_and_its_situation() => Loops.RunInRealTime(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () => await Blocking.RunAsync(Work, pool: _pool, situation: "reading the catalog"), "reader");
            await UntilItHasBegun();
            CoroutineInfo info = EventLoop.Current.Snapshot().Single(c => c.Name == "reader");
            Assert.StartsWith("reading the catalog (the result of", info.Situation, StringComparison.Ordinal);
            _mayEnd.Set();
        });
    });

    private sealed class Value(ManualResetEventSlim disposed) : IDisposable
    {
        public void Dispose() => disposed.Set();
    }

    private sealed class AsyncValue(ManualResetEventSlim disposed) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            disposed.Set();
        }
    }
}
