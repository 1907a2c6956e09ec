namespace Drover.Coroutines.Tests.Waiting;

public sealed class EventTests : ClosableContract
{
    private protected override Closable Make(string name, Lifetime? owner = null) => new Event(name, owner);

    private protected override ValueTask WaitAsync(Closable closable, string? situation = null) => ((Event)closable).WaitAsync(situation);

    private protected override ValueTask<Outcome> TryWaitAsync(Closable closable) => ((Event)closable).TryWaitAsync();

    private protected override int Waiting(Closable closable) => ((Event)closable).Waiting;

    [Fact]
    public void Setting_wakes_everyone_in_order_and_later_waits_go_on() => Loops.Run(async () =>
    {
        var set = new Event();
        var woken = new List<int>();
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < 5; i++)
            {
                int me = i;
                group.Start(async () =>
                {
                    await set.WaitAsync();
                    woken.Add(me);
                });
            }

            await Coroutine.YieldAsync();
            Assert.False(set.IsSet);
            set.Set();
            set.Set();
            Assert.True(set.IsSet);
            Assert.Empty(woken);
        });
        Assert.Equal([0, 1, 2, 3, 4], woken);
        await set.WaitAsync();
        Assert.True((await set.TryWaitAsync()).IsDone);
    });

    [Fact]
    public void After_a_reset_one_has_to_wait_again() => Loops.Run(async () =>
    {
        var set = new Event();
        set.Set();
        set.Reset();
        Assert.True((await CancelScope.MoveOnAfterAsync(Seconds(1), async () => await set.WaitAsync())).IsCanceled);
    });

    [Fact]
    public void Those_who_waited_when_it_was_set_are_woken_though_it_is_reset_at_once() => Loops.Run(async () =>
    {
        var set = new Event();
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () => await set.WaitAsync());
            await Coroutine.YieldAsync();
            set.Set();
            set.Reset();
        });
    });

    [Fact]
    public void What_was_set_stays_set_when_it_is_closed() => Loops.Run(async () =>
    {
        var set = new Event();
        set.Set();
        set.Close("over");
        await set.WaitAsync();
    });

    [Fact]
    public void A_wait_that_was_over_before_the_cancellation_is_done() => Loops.Run(async () =>
    {
        var set = new Event();
        bool done = false;
        await CancelScope.RunAsync(async scope =>
        {
            await TaskGroup.RunAsync(async group =>
            {
                group.Start(async () =>
                {
                    await set.WaitAsync();
                    done = true;
                });
                await Coroutine.YieldAsync();
                set.Set();
                scope.Cancel("just after");
            });
        });
        Assert.True(done);
    });

    [Fact]
    public void A_value_task_is_awaited_once() => Loops.Run(async () =>
    {
        var closable = new Event();
        closable.Close("going home");
        ValueTask wait = closable.WaitAsync();
        await Assert.ThrowsAsync<ClosedException>(async () => await wait);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await wait);
    });

    [Fact]
    public void Blocking_on_a_wait_is_told_so_instead_of_hanging() => Loops.Run(() =>
    {
        var closable = new Event();
        ValueTask wait = closable.WaitAsync();
        var error = Assert.Throws<InvalidOperationException>(() => wait.GetAwaiter().GetResult());
        Assert.Contains("Await it", error.Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });
}
