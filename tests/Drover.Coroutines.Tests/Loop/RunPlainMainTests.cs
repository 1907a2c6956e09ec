namespace Drover.Coroutines.Tests.Loop;

public sealed class RunPlainMainTests
{
    [Fact]
    public void Run_throws_what_a_main_that_is_not_async_throws()
    {
        Assert.Throws<InvalidDataException>(() => EventLoop.Run(Task () => throw new InvalidDataException("before any task")));
        Assert.Throws<InvalidDataException>(() => EventLoop.Run(Task<int> () => throw new InvalidDataException("before any task")));
    }

    [Fact]
    public void Run_says_so_when_main_returns_no_task()
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => EventLoop.Run(() => default(Task)!));

        Assert.Contains("returned null", error.Message, StringComparison.Ordinal);
    }
}
