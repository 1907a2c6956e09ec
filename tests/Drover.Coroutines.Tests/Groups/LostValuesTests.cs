namespace Drover.Coroutines.Tests.Groups;

/// <summary>What a combinator took or made and cannot give on.</summary>
public sealed class LostValuesTests
{
    [Fact]
    public void FirstAsync_disposes_the_values_that_came_too_late() => Loops.Run(async () =>
    {
        var made = new List<Resource>();
        Resource first = await TaskGroup.FirstAsync(MakeAsync, MakeAsync, MakeAsync);
        Assert.Equal(3, made.Count);
        Assert.Same(made[0], first);
        Assert.Equal([0, 1, 1], made.Select(static resource => resource.Disposals));

        async Task<Resource> MakeAsync()
        {
            await Coroutine.SleepAsync(Seconds(1));
            var resource = new Resource();
            made.Add(resource);
            return resource;
        }
    });

    [Fact]
    public void FirstAsync_disposes_a_value_that_was_made_during_the_cancellation() => Loops.Run(async () =>
    {
        var quick = new Resource();
        var late = new Resource();
        Resource first = await TaskGroup.FirstAsync(
            async () =>
            {
                await Coroutine.SleepAsync(Seconds(1));
                return quick;
            },
            async () =>
            {
                await CancelScope.ShieldAsync(Seconds(10), static async () => await Coroutine.SleepAsync(Seconds(5)));
                return late;
            });
        Assert.Same(quick, first);
        Assert.Equal(0, quick.Disposals);
        Assert.Equal(1, late.Disposals);
    });

    [Fact]
    public void MapAsync_takes_no_item_after_a_failure() => Loops.Run(async () =>
    {
        int taken = 0;
        int begun = 0;
        await Assert.ThrowsAsync<TaskGroupException>(() => TaskGroup.MapAsync(Items(), 2, async item =>
        {
            begun++;
            if (item == 0)
            {
                await Coroutine.YieldAsync();
                throw new InvalidDataException("the first item");
            }

            await CancelScope.ShieldAsync(Seconds(10), static async () => await Coroutine.SleepAsync(Seconds(1)));
            return item;
        }));
        Assert.Equal(2, begun);
        Assert.Equal(begun, taken);

        IEnumerable<int> Items()
        {
            for (int i = 0; i < 10; i++)
            {
                taken++;
                yield return i;
            }
        }
    });

    [Fact]
    public void MapAsync_takes_no_item_in_a_canceled_scope() => Loops.Run(async () =>
    {
        int taken = 0;
        Outcome outcome = await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel("before");
            await TaskGroup.MapAsync(Items(), 2, Task.FromResult);
        });
        Assert.True(outcome.IsCanceled);
        Assert.Equal(0, taken);

        IEnumerable<int> Items()
        {
            taken++;
            yield return 1;
        }
    });

    [Fact]
    public void MapAsync_that_was_canceled_midway_does_not_pass_off_a_part_as_all() => Loops.Run(async () =>
    {
        int begun = 0;
        int[]? values = null;
        Outcome<int[]> outcome = await CancelScope.RunAsync(async scope => values = await TaskGroup.MapAsync([1, 2, 3, 4], 1, item =>
        {
            begun++;
            scope.Cancel("after the first item");
            return Task.FromResult(item);
        }));
        Assert.True(outcome.IsCanceled);
        Assert.Null(values);
        Assert.Equal(1, begun);
    });

    private sealed class Resource : IDisposable
    {
        internal int Disposals { get; private set; }

        public void Dispose() => Disposals++;
    }
}
