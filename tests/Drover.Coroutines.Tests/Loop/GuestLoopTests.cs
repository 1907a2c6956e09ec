namespace Drover.Coroutines.Tests.Loop;

public sealed class GuestLoopTests : IAsyncLifetime
{
    private readonly MessagePump _pump = new();
    private readonly List<LoopReport> _reports = [];
    private GuestLoop _guest = null!;

    public async ValueTask InitializeAsync() => _guest = await _pump.CallAsync(
        () => GuestLoop.Start(_pump.Post, Loops.RealTime with { Name = "guest", OnReport = _reports.Add }));

    public async ValueTask DisposeAsync()
    {
        await Loops.Within(_guest.Loop.StopAsync());
        await Loops.Within(_guest.WhenEnded());
        _pump.Dispose();
        Assert.Empty(_reports);
    }

    [Fact]
    public async Task All_code_runs_on_the_hosts_thread()
    {
        int[] threads = await Loops.Within(_guest.Loop.InvokeAsync(async () =>
        {
            var seen = new List<int> { Environment.CurrentManagedThreadId };
            await Coroutine.YieldAsync();
            seen.Add(Environment.CurrentManagedThreadId);
            await Coroutine.SleepAsync(Milliseconds(1));
            seen.Add(Environment.CurrentManagedThreadId);
            await Task.Run(static () => { });
            seen.Add(Environment.CurrentManagedThreadId);
            await Blocking.RunAsync(static () => 1);
            seen.Add(Environment.CurrentManagedThreadId);
            await TaskGroup.RunAsync(group =>
            {
                group.Start(async () =>
                {
                    await Coroutine.YieldAsync();
                    seen.Add(Environment.CurrentManagedThreadId);
                });
                return Task.CompletedTask;
            });
            return seen.ToArray();
        }));
        Assert.Equal(6, threads.Length);
        Assert.All(threads, thread => Assert.Equal(_pump.ThreadId, thread));
    }

    [Fact]
    public async Task The_hosts_messages_and_coroutines_take_turns()
    {
        bool hostGotATurn = false;
        await Loops.Within(_guest.Loop.InvokeAsync(async () =>
        {
            _pump.Post(() => hostGotATurn = true);
            while (!hostGotATurn)
            {
                await Coroutine.YieldAsync();
            }
        }));
        int counter = 0;
        Task spinning = _guest.Loop.InvokeAsync(async () =>
        {
            while (counter < 3)
            {
                await Coroutine.YieldAsync();
            }
        });
        for (int i = 0; i < 3; i++)
        {
            await _pump.CallAsync(() => counter++);
        }

        await Loops.Within(spinning);
    }

    [Fact]
    public async Task Many_sleepers_wake_in_order_while_the_host_works()
    {
        var order = new List<int>();
        Task sleeping = _guest.Loop.InvokeAsync(() => TaskGroup.RunAsync(group =>
        {
            foreach (int i in new[] { 30, 10, 20 })
            {
                group.Start(async () =>
                {
                    await Coroutine.SleepAsync(Milliseconds(i));
                    order.Add(i);
                });
            }

            return Task.CompletedTask;
        }));
        while (!sleeping.IsCompleted)
        {
            await _pump.CallAsync(static () => 1);
        }

        await sleeping;
        Assert.Equal([10, 20, 30], order);
    }

    [Fact]
    public async Task The_hosts_handlers_enter_to_touch_what_the_loop_owns()
    {
        var clicks = new Channel<int>(10);
        Task<int> sum = _guest.Loop.InvokeAsync(async () =>
        {
            int total = 0;
            await foreach (int click in clicks)
            {
                total += click;
            }

            return total;
        });
        for (int i = 1; i <= 3; i++)
        {
            int click = i;
            await _pump.CallAsync(() =>
            {
                Assert.Throws<WrongLoopException>(() => clicks.TrySend(click)); // A handler is the host's code, not the loop's.
                _guest.Enter(() => Assert.True(clicks.TrySend(click)));
                return true;
            });
        }

        await _pump.CallAsync(() =>
        {
            _guest.Enter(() => clicks.Close("enough"));
            return true;
        });
        Assert.Equal(6, await Loops.Within(sum));
    }

    [Fact]
    public async Task Entering_ends_a_long_sleep_of_the_guest()
    {
        var news = new Event();
        Task waiting = _guest.Loop.InvokeAsync(async () => await CancelScope.MoveOnAfterAsync(Hours(1), async () => await news.WaitAsync()));
        await _guest.Loop.InvokeAsync(static () => { });
        await _pump.CallAsync(() =>
        {
            _guest.Enter(news.Set);
            return true;
        });
        await Loops.Within(waiting);
    }

    [Fact]
    public async Task Entering_from_another_thread_throws_an_error_that_names_both()
    {
        var error = Assert.Throws<WrongLoopException>(() => _guest.Enter(static () => { }));
        Assert.Contains("'guest'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"thread {Environment.CurrentManagedThreadId}", error.Message, StringComparison.Ordinal);
        await Loops.Within(_guest.Loop.InvokeAsync(static () => { }));
    }

    [Fact]
    public async Task What_an_entering_action_throws_goes_to_the_host_and_the_loop_goes_on()
    {
        var made = new Event();
        Task waiting = _guest.Loop.InvokeAsync(async () => await made.WaitAsync());
        await _guest.Loop.InvokeAsync(static () => { });
        await Assert.ThrowsAsync<InvalidDataException>(() => _pump.CallAsync<bool>(() =>
        {
            _guest.Enter(() =>
            {
                made.Set();
                throw new InvalidDataException();
            });
            return true;
        }));
        await Loops.Within(waiting);
    }

    [Fact]
    public async Task Stopping_cancels_the_coroutines_and_lets_them_clean_up()
    {
        bool cleanedUp = false;
        var started = new TaskCompletionSource();
        Task call = _guest.Loop.InvokeAsync(async () =>
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
        await Loops.Within(_guest.Loop.StopAsync());
        Assert.True(cleanedUp);
        Assert.True(call.IsCanceled);
        await Loops.Within(_guest.WhenEnded());
    }

    [Fact]
    public async Task An_idle_guest_leaves_the_host_alone()
    {
        await Loops.Within(_guest.Loop.InvokeAsync(static () => { }));
        using var never = new ManualResetEventSlim();
        int before = await Quiet();
        never.Wait(Milliseconds(50), TestContext.Current.CancellationToken);
        Assert.Equal(before + 1, await _pump.CallAsync(() => _pump.Handled)); // One message: the one that asked.

        async Task<int> Quiet()
        {
            while (true)
            {
                int handled = await _pump.CallAsync(() => _pump.Handled);
                never.Wait(Milliseconds(10), TestContext.Current.CancellationToken);
                if (await _pump.CallAsync(() => _pump.Handled) == handled + 1)
                {
                    return handled + 1;
                }
            }
        }
    }

    [Fact]
    public void A_guest_has_the_hosts_time() =>
        Assert.Throws<ArgumentException>(() => GuestLoop.Start(static _ => { }, Loops.VirtualTime));
}
