namespace Drover.Coroutines.Tests.Loop;

public sealed class InvokeValueTaskTests
{
    [Fact]
    public async Task A_send_that_waits_is_waited_for()
    {
        await using EventLoop loop = EventLoop.Start(Loops.RealTime with { Name = "sends" });
        var channel = new Channel<int>(1);
        await loop.InvokeAsync(() => Assert.True(channel.TrySend(1)));
        Task sending = loop.InvokeAsync(() => channel.SendAsync(2));
        Assert.Equal(1, await Loops.Within(loop.InvokeAsync(() => channel.Statistics().Senders)));
        Assert.False(sending.IsCompleted);
        await loop.InvokeAsync(() => Assert.True(channel.TryReceive(out _)));
        await Loops.Within(sending);
    }

    [Fact]
    public async Task A_value_that_comes_later_is_the_value_of_the_call()
    {
        await using EventLoop loop = EventLoop.Start(Loops.RealTime with { Name = "receives" });
        var channel = new Channel<int>(1);
        Task receiving = loop.InvokeAsync(() => channel.ReceiveAsync());
        Assert.Equal(1, await Loops.Within(loop.InvokeAsync(() => channel.Statistics().Receivers)));
        Assert.False(receiving.IsCompleted);
        await loop.InvokeAsync(() => Assert.True(channel.TrySend(7)));
        Assert.Equal(7, await Loops.Within(Assert.IsAssignableFrom<Task<int>>(receiving)));
    }

    [Fact]
    public async Task What_such_a_call_throws_is_the_callers()
    {
        await using EventLoop loop = EventLoop.Start(Loops.RealTime with { Name = "throws" });
        var channel = new Channel<int>(1);
        Task sending = loop.InvokeAsync(() =>
        {
            channel.Close("over");
            return channel.SendAsync(1);
        });
        await Assert.ThrowsAsync<ClosedException>(() => Loops.Within(sending));
    }

    [Fact]
    public async Task The_token_of_such_a_call_cancels_it()
    {
        await using EventLoop loop = EventLoop.Start(Loops.RealTime with { Name = "waits" });
        using var source = new CancellationTokenSource();
        var never = new Event("never");
        Task waiting = loop.InvokeAsync(() => never.WaitAsync(), cancellationToken: source.Token);
        await Loops.Within(loop.InvokeAsync(static () => { }));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Loops.Within(waiting));
    }
}
