namespace Drover.Coroutines.Tests.Loop;

public sealed class StopFromInsideTests
{
    [Fact]
    public void A_main_coroutine_that_awaits_the_stop_is_canceled_by_it()
    {
        bool wentOn = false;
        Assert.ThrowsAny<OperationCanceledException>(() => Loops.RunInRealTime(async () =>
        {
            await EventLoop.Current.StopAsync("enough");
            wentOn = true;
        }));
        Assert.False(wentOn);
    }

    [Fact]
    public async Task A_call_that_awaits_the_stop_is_canceled_by_it()
    {
        EventLoop loop = EventLoop.Start(Loops.RealTime with { Name = "stops itself" });
        Task call = loop.InvokeAsync(async () => await loop.StopAsync("enough"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Loops.Within(call));
        await Loops.Within(loop.StopAsync());
    }

    [Fact]
    public async Task A_child_that_awaits_the_stop_leaves_the_others_their_clean_up()
    {
        EventLoop loop = EventLoop.Start(Loops.RealTime with { Name = "stops itself" });
        bool cleanedUp = false;
        Task call = loop.InvokeAsync(() => TaskGroup.RunAsync(group =>
        {
            group.Start(async () =>
            {
                try
                {
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                }
                finally
                {
                    await CancelScope.ShieldAsync(Seconds(10), static async () => await Coroutine.SleepAsync(Milliseconds(1)));
                    cleanedUp = true;
                }
            });
            group.Start(async () => await loop.StopAsync("enough"));
        }));
        await Loops.Within(loop.StopAsync());
        Assert.True(cleanedUp);
        Assert.True(call.IsCanceled);
    }

    [Fact]
    public async Task A_loop_that_is_disposed_from_inside_ends()
    {
        EventLoop loop = EventLoop.Start(Loops.RealTime with { Name = "disposes itself" });
        Task call = loop.InvokeAsync(async () => await loop.DisposeAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Loops.Within(call));
        await Loops.Within(loop.StopAsync());
    }
}
