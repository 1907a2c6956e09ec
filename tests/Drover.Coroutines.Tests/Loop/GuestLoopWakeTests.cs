namespace Drover.Coroutines.Tests.Loop;

public sealed class GuestLoopWakeTests : IAsyncLifetime
{
    private readonly MessagePump _pump = new();
    private GuestLoop _guest = null!;

    public async ValueTask InitializeAsync() =>
        _guest = await _pump.CallAsync(() => GuestLoop.Start(_pump.Post, Loops.RealTime with { Name = "guest" }));

    public async ValueTask DisposeAsync()
    {
        await Loops.Within(_guest.Loop.StopAsync());
        await Loops.Within(_guest.WhenEnded());
        _pump.Dispose();
    }

    [Fact]
    public async Task A_timer_that_came_with_an_entering_action_rings()
    {
        for (int round = 0; round < 20; round++)
        {
            Task? sleeping = null;
            await GuestSleepsAsync();
            await EnterAsync(() => sleeping = _guest.Loop.InvokeAsync(static async () => await Coroutine.SleepAsync(Milliseconds(5))));
            await Loops.Within(sleeping!);
        }
    }

    [Fact]
    public async Task A_sleep_that_an_entering_action_ended_makes_way_for_a_shorter_one()
    {
        for (int round = 0; round < 20; round++)
        {
            var news = new Event();
            Task waiting = _guest.Loop.InvokeAsync(async () =>
            {
                await news.WaitAsync();
                await Coroutine.SleepAsync(Milliseconds(5));
            });
            await _guest.Loop.InvokeAsync(static () => { });
            await GuestSleepsAsync();
            await EnterAsync(news.Set);
            await Loops.Within(waiting);
        }
    }

    [Fact]
    public async Task Stopping_from_an_entering_action_ends_the_guest()
    {
        await GuestSleepsAsync();
        await EnterAsync(() => _ = _guest.Loop.StopAsync());
        await Loops.Within(_guest.WhenEnded());
    }

    [Fact]
    public async Task Entering_from_a_coroutines_step_runs_the_action_and_no_other_coroutine()
    {
        var order = new List<string>();
        bool isSameContext = false;
        bool isSameLoop = false;
        await Loops.Within(_guest.Loop.InvokeAsync(() => TaskGroup.RunAsync(group =>
        {
            group.Start(async () =>
            {
                await Coroutine.YieldAsync();
                SynchronizationContext? before = SynchronizationContext.Current;
                order.Add("one begins its step");
                _guest.Enter(() => order.Add("the action"));
                order.Add("one ends its step");
                isSameContext = SynchronizationContext.Current == before;
                isSameLoop = _guest.Loop.IsHere;
            });
            group.Start(async () =>
            {
                await Coroutine.YieldAsync();
                order.Add("the other");
            });
        })));
        Assert.Equal(["one begins its step", "the action", "one ends its step", "the other"], order);
        Assert.True(isSameContext);
        Assert.True(isSameLoop);
    }

    [Fact]
    public async Task What_an_action_entered_from_a_step_made_ready_runs_afterwards()
    {
        await Loops.Within(_guest.Loop.InvokeAsync(async () =>
        {
            var news = new Event();
            await TaskGroup.RunAsync(async group =>
            {
                group.Start(async () => await news.WaitAsync());
                await Coroutine.YieldAsync();
                _guest.Enter(news.Set);
            });
        }));
    }

    private Task EnterAsync(Action action) => _pump.CallAsync(() =>
    {
        _guest.Enter(action);
        return true;
    });

    /// <summary>
    /// Gives the guest's thread the time to fall asleep. The tests hold without it too; with it they meet the case in
    /// which that thread has to be woken.
    /// </summary>
    private static async Task GuestSleepsAsync()
    {
        using var never = new ManualResetEventSlim();
        never.Wait(Milliseconds(10), TestContext.Current.CancellationToken);
        await Task.Yield();
    }
}
