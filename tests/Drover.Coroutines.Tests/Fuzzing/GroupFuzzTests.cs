namespace Drover.Coroutines.Tests.Fuzzing;

public sealed class GroupFuzzTests
{
    [Fact]
    public void No_child_outlives_its_group_and_every_error_arrives_once() => Chance.Explore(1000, chance => new Program(chance).RunAsync());

    [Fact]
    public void The_same_seed_runs_the_same_way() => Chance.CheckReplay(chance => new Program(chance).RunAsync());

    /// <summary>A random tree of groups whose members sleep, fail, clean up, cancel each other and start more.</summary>
    private sealed class Program(Chance chance)
    {
        private readonly HashSet<Exception> _thrown = [];
        private int _running;

        internal async Task RunAsync()
        {
            var arrived = new List<Exception>();
            try
            {
                await GroupAsync(depth: 3);
            }
            catch (TaskGroupException e)
            {
                Collect(e, arrived);
            }
            catch (InvalidDataException e)
            {
                arrived.Add(e);
            }

            Assert.Equal(0, _running);
            Assert.Equal(arrived.Count, arrived.Distinct().Count());
            Assert.Equal(_thrown.Select(e => e.Message).Order(), arrived.Select(e => e.Message).Order());
            Assert.Equal(1, EventLoop.Current.Coroutines);
            Assert.Equal(0, EventLoop.Current.Timers.Count);
            Assert.Equal(0, EventLoop.Current.ReadyCount);
        }

        private static void Collect(TaskGroupException error, List<Exception> leaves)
        {
            foreach (Exception inner in error.InnerExceptions)
            {
                if (inner is TaskGroupException group)
                {
                    Collect(group, leaves);
                }
                else
                {
                    leaves.Add(inner);
                }
            }
        }

        private async Task GroupAsync(int depth)
        {
            int before = 0;
            await TaskGroup.RunAsync(async group =>
            {
                before = _running;
                int children = chance.Below(4);
                for (int i = 0; i < children; i++)
                {
                    group.Start(() => MemberAsync(group, depth - 1));
                }

                await chance.PauseAsync();
                if (chance.OneIn(5))
                {
                    group.Cancel("by chance");
                }

                if (chance.OneIn(10))
                {
                    Fail();
                }
            });
        }

        private async Task MemberAsync(TaskGroup group, int depth)
        {
            _running++;
            try
            {
                await chance.PauseAsync();
                switch (depth == 0 ? 0 : chance.Below(5))
                {
                    case 0:
                        await Coroutine.SleepAsync(chance.Moment(20));
                        break;
                    case 1:
                        await CancelScope.MoveOnAfterAsync(chance.Moment(10), () => GroupAsync(depth));
                        break;
                    case 2:
                        group.Start(() => MemberAsync(group, depth - 1));
                        break;
                    default:
                        await GroupAsync(depth);
                        break;
                }

                if (chance.OneIn(8))
                {
                    Fail();
                }
            }
            finally
            {
                if (chance.OneIn(3))
                {
                    await CancelScope.ShieldAsync(Milliseconds(10), () => chance.PauseAsync());
                }

                _running--;
            }
        }

        private void Fail()
        {
            var error = new InvalidDataException($"error {_thrown.Count}");
            _thrown.Add(error);
            throw error;
        }
    }
}
