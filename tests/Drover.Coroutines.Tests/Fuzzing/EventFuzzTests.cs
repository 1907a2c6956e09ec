namespace Drover.Coroutines.Tests.Fuzzing;

public sealed class EventFuzzTests
{
    [Fact]
    public void No_wake_up_is_lost_and_none_is_made_up() => Chance.Explore(500, RunAsync);

    [Fact]
    public void The_same_seed_runs_the_same_way() => Chance.CheckReplay(RunAsync);

    private static async Task RunAsync(Chance chance)
    {
        var news = new Event();
        int sets = 0;
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < 6; i++)
            {
                group.Start(async () =>
                {
                    for (int round = 0; round < 5; round++)
                    {
                        await chance.InScopesAsync(group, WaitAsync);
                        await chance.PauseAsync();
                    }
                });
            }

            for (int i = 0; i < 20; i++)
            {
                await chance.PauseAsync();
                if (chance.OneIn(2))
                {
                    sets++;
                    news.Set();
                }

                if (chance.OneIn(2))
                {
                    news.Reset();
                }
            }

            sets++;
            news.Set(); // Without this one, or if it wakes too few, the loop is deadlocked and says so.
        });
        Assert.Equal(0, news.Waiting);
        Assert.Equal(0, EventLoop.Current.Timers.Count);

        async Task WaitAsync()
        {
            bool wasSet = news.IsSet;
            int before = sets;
            if (chance.OneIn(2))
            {
                await news.WaitAsync();
            }
            else if (!(await news.TryWaitAsync()).IsDone)
            {
                Assert.True(CancelScope.Current.IsCanceled);
                return;
            }

            Assert.True(wasSet || sets > before, "It was never set.");
        }
    }
}
