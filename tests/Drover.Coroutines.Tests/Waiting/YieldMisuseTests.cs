namespace Drover.Coroutines.Tests.Waiting;

public sealed class YieldMisuseTests
{
    [Fact]
    public void Taking_the_result_of_a_yield_that_was_not_awaited_throws_and_harms_no_wait() => Loops.Run(async () =>
    {
        var order = new List<int>();
        await TaskGroup.RunAsync(group =>
        {
            group.Start(async () =>
            {
                Assert.Throws<InvalidOperationException>(static () => Coroutine.YieldAsync().GetAwaiter().GetResult());
                await Coroutine.YieldAsync();
                order.Add(2);
            });
            group.Start(async () =>
            {
                order.Add(1);
                await Coroutine.YieldAsync();
                order.Add(3);
            });
        });
        Assert.Equal([1, 2, 3], order);
    });

    [Fact]
    public void After_it_a_deadlock_is_still_seen() => Loops.Deadlock(async () =>
    {
        Assert.Throws<InvalidOperationException>(static () => Coroutine.YieldAsync().GetAwaiter().GetResult());
        await new Event("never").WaitAsync();
    });
}
