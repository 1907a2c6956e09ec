namespace Drover.Coroutines.Tests.Fuzzing;

/// <summary>
/// Calls on other threads that are canceled at random moments. The threads are real, so a seed alone does not reproduce
/// the run; what must hold holds in every order.
/// </summary>
public sealed class BlockingFuzzTests
{
    [Fact]
    public void Every_value_is_delivered_or_disposed() => Chance.Explore(100, async chance =>
    {
        var pool = new BlockingPool(2);
        int made = 0;
        int disposed = 0;
        int delivered = 0;
        int begun = 0;
        using var allEnded = new CountdownEvent(1);
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 10; i++)
            {
                Coroutine caller = group.Start(async () =>
                {
                    WhenCanceled choice = chance.Of(WhenCanceled.Wait, WhenCanceled.Abandon);
                    int spins = chance.Below(2000);
                    using Value value = await Blocking.RunAsync(
                        () =>
                        {
                            Interlocked.Increment(ref begun);
                            allEnded.AddCount();
                            Thread.SpinWait(spins);
                            Interlocked.Increment(ref made);
                            return new Value(() =>
                            {
                                Interlocked.Increment(ref disposed);
                                allEnded.Signal();
                            });
                        },
                        choice,
                        pool);
                    delivered++;
                });
                if (chance.OneIn(2))
                {
                    int turns = chance.Below(20);
                    group.Start(async () =>
                    {
                        for (int turn = 0; turn < turns; turn++)
                        {
                            await Coroutine.YieldAsync();
                        }

                        caller.Cancel("by chance");
                    });
                }
            }

            return Task.CompletedTask;
        });

        allEnded.Signal();
        Assert.True(allEnded.Wait(TimeSpan.FromSeconds(20)), "A value was neither delivered nor disposed.");
        Assert.Equal(begun, made);
        Assert.Equal(made, disposed);
        Assert.InRange(delivered, 0, made);
        Assert.Equal(0, EventLoop.Current.OutsideWaits);
        Assert.Equal(0, EventLoop.Current.OutsideCoroutines);
    });

    private sealed class Value(Action dispose) : IDisposable
    {
        public void Dispose() => dispose();
    }
}
