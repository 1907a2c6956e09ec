namespace Drover.Coroutines.Tests.Loop;

/// <summary>Waits of the loop's own and waits outside at once: what may still come from outside is no deadlock.</summary>
public sealed class DeadlockDoubtTests
{
    [Fact]
    public void An_async_method_that_waits_while_its_caller_awaits_something_outside_is_no_deadlock() => Loops.RunInRealTime(async () =>
    {
        var channel = new Channel<int>(1);
        int received = 0;
        Task pump = PumpAsync();
        await Outside.NewsAsync();
        await channel.SendAsync(7);
        await Outside.NewsAsync();
        channel.Close("done");
        await pump;
        Assert.Equal(7, received);

        async Task PumpAsync()
        {
            await foreach (int item in channel)
            {
                received += item;
            }
        }
    });

    [Fact]
    public void A_child_that_awaits_something_outside_while_its_parent_waits_is_no_deadlock() => Loops.RunInRealTime(async () =>
    {
        var news = new Event();
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(SetAsync);
            await news.WaitAsync();
        });

        async Task SetAsync()
        {
            await Outside.NewsAsync();
            news.Set();
        }
    });

    [Fact]
    public void A_wait_that_began_outside_the_scope_in_which_it_is_raced_is_no_deadlock() => Loops.RunInRealTime(async () =>
    {
        var channel = new Channel<int>(0);
        ValueTask<int> begun = channel.ReceiveAsync();
        Outcome outcome = await CancelScope.RunAsync(async _ =>
        {
            Task<int> receiving = begun.AsTask();
            Task news = Outside.NewsAsync();
            Assert.Same(news, await Task.WhenAny(receiving, news));
        });
        Assert.True(outcome.IsDone);
    });

    [Fact]
    public void A_canceled_delay_beside_something_outside_is_no_deadlock() => Loops.RunInRealTime(async () =>
    {
        TimeProvider time = EventLoop.Current.Time;
        using var source = new CancellationTokenSource();
        var outside = new TaskCompletionSource();
        await TaskGroup.RunAsync(group =>
        {
            group.Start(async () => await Assert.ThrowsAsync<TaskCanceledException>(
                () => Task.WhenAll(Task.Delay(Hours(1), time, source.Token), outside.Task)));
            group.Start(async () =>
            {
                await Coroutine.YieldAsync();
                source.Cancel();
                _ = Outside.NewsAsync().ContinueWith(_ => outside.SetResult(), TaskScheduler.Default);
            });
        });
    });

    /// <summary>Async methods upon a wait that nothing ends.</summary>
    public static TheoryData<string> Helpers => new(s_helpers.Keys);

    private static readonly Dictionary<string, Func<Task>> s_helpers = new()
    {
        ["a task of a task"] = async () => await OuterAsync(InnerAsync),
        ["a method called before it is awaited"] = async () =>
        {
            Task helper = OuterAsync(InnerAsync);
            await helper;
        },
        ["an enumeration"] = () => OuterAsync(static async () =>
        {
            await foreach (int _ in new Channel<int>(1))
            {
            }
        }),
        ["a scope"] = () => OuterAsync(static async () => await CancelScope.RunAsync(static _ => OuterAsync(InnerAsync))),
        ["a child"] = () => OuterAsync(static () => TaskGroup.RunAsync(static group => group.Start(static () => OuterAsync(InnerAsync)))),
        ["a child that is joined"] = () => OuterAsync(static () => TaskGroup.RunAsync(
            static async group => await group.Start(static () => OuterAsync(InnerAsync)).JoinAsync())),
        ["a lifetime"] = () => OuterAsync(static async () => await new Lifetime("agent 7").RunAsync(static () => OuterAsync(InnerAsync))),
        ["after something outside"] = () => OuterAsync(static async () =>
        {
            await Outside.NewsAsync();
            await InnerAsync();
        }),
    };

    [Theory]
    [MemberData(nameof(Helpers))]
    public void A_wait_in_nested_async_methods_that_nothing_ends_is_a_deadlock(string helper)
    {
        DeadlockException error = Loops.Deadlock(s_helpers[helper]);
        Assert.Contains("nothing can wake it again", error.Message, StringComparison.Ordinal);
    }

    private static async Task OuterAsync(Func<Task> inner)
    {
        await Coroutine.YieldAsync();
        await inner();
    }

    private static async Task InnerAsync() => await new Event("never").WaitAsync();
}
