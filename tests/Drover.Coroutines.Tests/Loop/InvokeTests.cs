namespace Drover.Coroutines.Tests.Loop;

public sealed class InvokeTests
{
    private static EventLoop Start(Action<LoopReport>? onReport = null) => EventLoop.Start(Loops.RealTime with { OnReport = onReport });

    [Fact]
    public async Task Start_gives_a_loop_with_a_thread_of_its_own()
    {
        await using EventLoop loop = EventLoop.Start("own");
        int here = Environment.CurrentManagedThreadId;
        (int thread, string? name) = await Loops.Within(loop.InvokeAsync(() => (Environment.CurrentManagedThreadId, Thread.CurrentThread.Name)));
        Assert.NotEqual(here, thread);
        Assert.Equal("own", name);
        Assert.False(loop.IsHere);
    }

    [Fact]
    public async Task InvokeAsync_returns_the_value()
    {
        await using EventLoop loop = Start();
        Assert.Equal(1, await Loops.Within(loop.InvokeAsync(() => 1)));
        Assert.Equal(2, await Loops.Within(loop.InvokeAsync(async () =>
        {
            await Coroutine.YieldAsync();
            return 2;
        })));
        bool ran = false;
        await Loops.Within(loop.InvokeAsync(() => { ran = true; }));
        Assert.True(ran);
    }

    [Fact]
    public async Task InvokeAsync_throws_what_the_body_threw_with_its_own_stack()
    {
        await using EventLoop loop = Start();
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Loops.Within(loop.InvokeAsync(async () =>
        {
            await Coroutine.YieldAsync();
            Fail();
        })));
        Assert.Contains(nameof(Fail), error.StackTrace, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<InvalidDataException>(() => Loops.Within(loop.InvokeAsync(Fail)));
        Assert.Contains(nameof(Fail), error.StackTrace, StringComparison.Ordinal);

        static void Fail() => throw new InvalidDataException("bad");
    }

    [Fact]
    public async Task The_token_of_InvokeAsync_cancels_the_coroutine_and_the_task_is_canceled()
    {
        await using EventLoop loop = Start();
        using var source = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        Task task = loop.InvokeAsync(
            async () =>
            {
                started.SetResult();
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            },
            cancellationToken: source.Token);
        await Loops.Within(started.Task);
        await source.CancelAsync();
        var error = await Assert.ThrowsAsync<ScopeCanceledException>(() => Loops.Within(task));
        Assert.Contains("token", error.Message, StringComparison.Ordinal);
        Assert.True(task.IsCanceled);
    }

    [Fact]
    public async Task A_token_that_is_canceled_already_makes_the_coroutine_start_canceled()
    {
        await using EventLoop loop = Start();
        Task task = loop.InvokeAsync(async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan), cancellationToken: new CancellationToken(true));
        await Assert.ThrowsAsync<ScopeCanceledException>(() => Loops.Within(task));
    }

    [Fact]
    public async Task InvokeAsync_enters_from_many_threads_at_once()
    {
        await using EventLoop loop = Start();
        const int Threads = 8;
        const int Calls = 2000;
        int counter = 0;
        await Loops.Within(Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(async () =>
        {
            var calls = new List<Task>();
            for (int i = 0; i < Calls; i++)
            {
                calls.Add(loop.InvokeAsync(() => { counter += 1; }));
            }

            await Task.WhenAll(calls);
        }))));
        Assert.Equal(Threads * Calls, counter);
    }

    [Fact]
    public async Task Calls_of_one_thread_run_in_their_order()
    {
        await using EventLoop loop = Start();
        var order = new List<int>();
        await Loops.Within(Task.WhenAll(Enumerable.Range(0, 1000).Select(i => loop.InvokeAsync(() => order.Add(i)))));
        Assert.Equal(Enumerable.Range(0, 1000), order);
    }

    [Fact]
    public async Task InvokeAsync_after_the_end_fails_with_the_reason()
    {
        EventLoop loop = Start();
        await Loops.Within(loop.StopAsync());
        var error = await Assert.ThrowsAsync<CoroutineException>(() => Loops.Within(loop.InvokeAsync(() => 1, "late call")));
        Assert.Contains("late call", error.Message, StringComparison.Ordinal);
        Assert.Contains("has ended", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_that_race_with_the_end_all_end()
    {
        for (int round = 0; round < 50; round++)
        {
            EventLoop loop = Start();
            using var go = new ManualResetEventSlim();
            Task<Task[]> calls = Task.Run(() =>
            {
                go.Wait(TestContext.Current.CancellationToken);
                return Enumerable.Range(0, 200).Select(_ => (Task)loop.InvokeAsync(async () => await Coroutine.YieldAsync())).ToArray();
            });
            Task stop = Task.Run(() =>
            {
                go.Wait(TestContext.Current.CancellationToken);
                return loop.StopAsync();
            });
            go.Set();
            await Loops.Within(stop);
            foreach (Task call in await Loops.Within(calls))
            {
                await Loops.Within(call.ContinueWith(static _ => { }, TaskScheduler.Default));
                Assert.True(call.IsCompletedSuccessfully || call.Exception?.InnerException is CoroutineException || call.IsCanceled);
            }
        }
    }

    [Fact]
    public async Task StopAsync_cancels_and_waits_for_clean_up()
    {
        EventLoop loop = Start();
        bool cleanedUp = false;
        var started = new TaskCompletionSource();
        Task call = loop.InvokeAsync(async () =>
        {
            try
            {
                started.SetResult();
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                await CancelScope.ShieldAsync(Seconds(10), async () => await Coroutine.SleepAsync(Milliseconds(5)));
                cleanedUp = true;
            }
        });
        await Loops.Within(started.Task);
        await Loops.Within(loop.StopAsync("enough"));
        Assert.True(cleanedUp);
        var error = await Assert.ThrowsAsync<ScopeCanceledException>(() => call);
        Assert.Equal("enough", Assert.IsType<CancelReason.Requested>(error.Reason).Why);
        await Loops.Within(loop.StopAsync("again"));
    }

    [Fact]
    public async Task Holding_a_loop_open_after_its_end_is_harmless()
    {
        EventLoop loop = Start();
        IDisposable hold = loop.HoldOpen("late");
        await Loops.Within(loop.StopAsync());
        hold.Dispose();
        hold.Dispose();
    }

    [Fact]
    public async Task A_loop_goes_on_after_an_invoked_body_failed()
    {
        var reports = new List<LoopReport>();
        await using EventLoop loop = Start(reports.Add);
        await Assert.ThrowsAsync<InvalidDataException>(() => Loops.Within(loop.InvokeAsync(() => throw new InvalidDataException())));
        Assert.Equal(1, await Loops.Within(loop.InvokeAsync(() => 1)));
        Assert.Empty(reports);
    }

    [Fact]
    public async Task Send_runs_code_in_the_scope_and_waits_for_it()
    {
        await using EventLoop loop = Start();
        SynchronizationContext context = await Loops.Within(loop.InvokeAsync(() => SynchronizationContext.Current!));
        int thread = 0;
        await Loops.Within(Task.Run(() => context.Send(_ => thread = Environment.CurrentManagedThreadId, null)));
        Assert.Equal(await loop.InvokeAsync(() => Environment.CurrentManagedThreadId), thread);
    }
}
