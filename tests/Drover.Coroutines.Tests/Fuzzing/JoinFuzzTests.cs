namespace Drover.Coroutines.Tests.Fuzzing;

public sealed class JoinFuzzTests
{
    [Fact]
    public void Every_join_gets_the_childs_own_end() => Chance.Explore(500, RunAsync);

    [Fact]
    public void The_same_seed_runs_the_same_way() => Chance.CheckReplay(RunAsync);

    private static async Task RunAsync(Chance chance)
    {
        int joined = 0;
        await TaskGroup.SuperviseAsync(
            group =>
            {
                Coroutine<int>[] children = [.. Enumerable.Range(0, 5).Select(i => group.Start(async () =>
                {
                    await chance.PauseAsync();
                    await Coroutine.SleepAsync(chance.Moment(10));
                    return chance.OneIn(4) ? throw new InvalidDataException($"{i}") : i;
                }))];
                for (int i = 0; i < 6; i++)
                {
                    group.Start(async () =>
                    {
                        for (int round = 0; round < 4; round++)
                        {
                            int child = chance.Below(children.Length);
                            await chance.InScopesAsync(group, () => JoinAsync(children[child], child));
                            await chance.PauseAsync();
                        }
                    });
                }

                group.Start(async () =>
                {
                    await chance.PauseAsync();
                    chance.Of(children).Cancel("by chance");
                });
                return Task.CompletedTask;
            },
            static (_, error) => Assert.IsType<InvalidDataException>(error));
        Assert.Equal(1, EventLoop.Current.Coroutines);
        Assert.Equal(0, EventLoop.Current.Timers.Count);

        async Task JoinAsync(Coroutine<int> child, int number)
        {
            if (chance.OneIn(2))
            {
                Outcome<int> outcome = await child.TryJoinAsync();
                Assert.True(child.HasEnded);
                Assert.Equal(child.Outcome.ToString(), outcome.ToString());
                joined++;
            }
            else
            {
                try
                {
                    Assert.Equal(number, await child.JoinAsync());
                    joined++;
                }
                catch (InvalidDataException e)
                {
                    Assert.Equal($"{number}", e.Message);
                    Assert.Same(child.Outcome.Error, e);
                }
                catch (ScopeCanceledException e) when (ReferenceEquals(e.Scope, child))
                {
                    Assert.True(child.HasEnded);
                    Assert.Equal("by chance", Assert.IsType<CancelReason.Requested>(e.Reason).Why);
                }
            }
        }
    }
}
