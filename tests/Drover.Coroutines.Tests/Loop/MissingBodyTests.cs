namespace Drover.Coroutines.Tests.Loop;

public sealed class MissingBodyTests
{
    [Fact]
    public void Run_refuses_a_missing_body()
    {
        Assert.Throws<ArgumentNullException>(() => Loops.OnThread(() =>
        {
            EventLoop.Run((Func<Task>)null!);
            return true;
        }));
        Assert.Throws<ArgumentNullException>(() => Loops.OnThread(() => EventLoop.Run((Func<Task<int>>)null!)));
    }

    [Fact]
    public async Task InvokeAsync_refuses_a_missing_body_at_the_call()
    {
        await using EventLoop loop = EventLoop.Start(Loops.RealTime with { Name = "without a body" });
        Assert.Throws<ArgumentNullException>(() => { _ = loop.InvokeAsync((Func<Task>)null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = loop.InvokeAsync((Func<Task<int>>)null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = loop.InvokeAsync((Func<int>)null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = loop.InvokeAsync((Func<ValueTask>)null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = loop.InvokeAsync((Func<ValueTask<int>>)null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = loop.InvokeAsync((Action)null!); });
    }
}
