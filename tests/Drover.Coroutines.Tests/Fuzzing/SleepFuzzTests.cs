namespace Drover.Coroutines.Tests.Fuzzing;

public sealed class SleepFuzzTests
{
    [Fact]
    public void A_sleep_ends_at_its_time_or_at_the_earliest_deadline_around() => Chance.Explore(500, RunAsync);

    [Fact]
    public void The_same_seed_runs_the_same_way() => Chance.CheckReplay(RunAsync);

    private static async Task RunAsync(Chance chance)
    {
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 8; i++)
            {
                group.Start(async () =>
                {
                    for (int round = 0; round < 5; round++)
                    {
                        await NestAsync(chance, depth: chance.Below(5), earliest: Timeout.InfiniteTimeSpan);
                    }
                });
            }

            return Task.CompletedTask;
        });
        Assert.Equal(0, EventLoop.Current.Timers.Count);
    }

    private static async Task NestAsync(Chance chance, int depth, TimeSpan earliest)
    {
        if (depth > 0)
        {
            TimeSpan deadline = Milliseconds(1 + chance.Below(9));
            bool shields = chance.OneIn(4);
            await CancelScope.RunAsync(
                _ => NestAsync(chance, depth - 1, shields || earliest < TimeSpan.Zero || deadline < earliest ? deadline : earliest), deadline, shields);
            return;
        }

        long begun = EventLoop.Current.Time.GetTimestamp();
        TimeSpan time = Milliseconds(1 + chance.Below(9));
        Assert.Equal(earliest, CancelScope.Current.TimeLeft);
        Outcome outcome = await Coroutine.TrySleepAsync(time);
        TimeSpan slept = EventLoop.Current.Time.GetElapsedTime(begun);
        if (outcome.IsDone)
        {
            Assert.Equal(time, slept);
            Assert.True(earliest < TimeSpan.Zero || slept <= earliest);
        }
        else
        {
            Assert.Equal(earliest, slept);
            Assert.True(slept <= time);
            Assert.IsType<CancelReason.Deadline>(outcome.Reason);
        }
    }
}
