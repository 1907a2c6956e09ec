namespace Drover.Coroutines.Tests.Generators;

public sealed class GeneratorMisuseTests
{
    [Fact]
    public async Task Every_verb_is_refused_while_another_is_under_way()
    {
        var gate = new TaskCompletionSource();
        var generator = new Generator<int, int, int>(async y =>
        {
            await y.YieldAsync(1);
            await gate.Task;
            return await y.YieldAsync(2);
        });
        await generator.NextAsync();
        ValueTask<GeneratorStep<int, int>> underWay = generator.SendAsync(0);

        Assert.Equal(GeneratorState.Running, generator.State);
        await IsRefusedAsync(async () => await generator.NextAsync());
        await IsRefusedAsync(async () => await generator.SendAsync(1));
        await IsRefusedAsync(async () => await generator.ThrowAsync(new FormatException()));
        await IsRefusedAsync(async () => await generator.CloseAsync());
        await IsRefusedAsync(async () => await generator.DisposeAsync());

        gate.SetResult();
        Assert.Equal(2, (await underWay).Yielded);
        Assert.Equal(3, (await generator.SendAsync(3)).Returned);
    }

    [Fact]
    public async Task A_body_cannot_drive_its_own_generator()
    {
        Generator<int, int, int>? itself = null;
        var generator = itself = new Generator<int, int, int>(async y =>
        {
            await IsRefusedAsync(async () => await itself!.NextAsync());
            await IsRefusedAsync(async () => await itself!.CloseAsync());
            await IsRefusedAsync(async () => await y.DelegateAsync(itself!));
            return await y.YieldAsync(1);
        });

        Assert.Equal(1, (await generator.NextAsync()).Yielded);
        Assert.Equal(2, (await generator.SendAsync(2)).Returned);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_threads_that_drive_at_once_one_gets_the_step_and_the_other_is_refused(bool awaits)
    {
        int yields = 0;
        var generator = new Generator<int, int, int>(async y =>
        {
            while (true)
            {
                if (awaits)
                {
                    await Task.Yield();
                }

                await y.YieldAsync(++yields);
            }
        });
        await generator.NextAsync();
        async Task<List<int>> DriveAsync()
        {
            List<int> steps = [];
            for (int i = 0; i < 20_000; i++)
            {
                try
                {
                    steps.Add((await generator.SendAsync(i)).Yielded);
                }
                catch (InvalidOperationException)
                {
                    // The other thread was faster.
                }
            }

            return steps;
        }

        List<int>[] taken = await Task.WhenAll(Task.Run(DriveAsync), Task.Run(DriveAsync));

        Assert.Equal(Enumerable.Range(2, yields - 1), taken[0].Concat(taken[1]).Order());
        Assert.Equal(GeneratorState.Suspended, generator.State);
    }

    [Fact]
    public async Task A_verb_is_under_way_until_its_step_is_awaited()
    {
        var gate = new TaskCompletionSource();
        var generator = new Generator<int, int, int>(async y =>
        {
            await gate.Task;
            return await y.YieldAsync(1);
        });
        ValueTask<GeneratorStep<int, int>> step = generator.NextAsync();
        gate.SetResult();

        await IsRefusedAsync(async () => await generator.NextAsync());

        Assert.Equal(1, (await step).Yielded);
        Assert.Equal(2, (await generator.SendAsync(2)).Returned);
    }

    [Fact]
    public async Task A_second_yield_is_refused_while_the_first_waits()
    {
        var generator = new Generator<int, int, int>(async y =>
        {
            ValueTask<int> first = y.YieldAsync(1);
            Assert.Throws<InvalidOperationException>(() => { _ = y.YieldAsync(2); });
            return await first;
        });

        Assert.Equal(1, (await generator.NextAsync()).Yielded);
        Assert.Equal(5, (await generator.SendAsync(5)).Returned);
    }

    [Fact]
    public async Task A_body_that_never_awaits_its_yield_fails()
    {
        var generator = new Generator<int, int, int>(y =>
        {
            _ = y.YieldAsync(1);
            return Task.FromResult(2);
        });

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await generator.NextAsync());
        Assert.Equal(GeneratorState.Ended, generator.State);
    }

    [Fact]
    public async Task A_body_that_ends_beside_a_waiting_yield_is_told_of_at_the_next_verb()
    {
        Exception? seenBeside = null;
        async Task BesideAsync(Yielder<int, int> y)
            => seenBeside = await Record.ExceptionAsync(async () => await y.YieldAsync(1));
        var generator = new Generator<int, int, int>(y =>
        {
            _ = BesideAsync(y);
            throw new FormatException("and the body failed");
        });

        Assert.Equal(1, (await generator.NextAsync()).Yielded);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () => await generator.NextAsync());

        Assert.IsType<FormatException>(failure.InnerException);
        Assert.IsType<InvalidOperationException>(seenBeside);
        Assert.Equal(GeneratorStepKind.Ended, (await generator.NextAsync()).Kind);
    }

    [Fact]
    public async Task A_yielder_kept_after_the_end_is_refused()
    {
        Yielder<int, int>? kept = null;
        var generator = new Generator<int, int, int>(y =>
        {
            kept = y;
            return Task.FromResult(1);
        });
        await generator.NextAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await kept!.YieldAsync(1));
    }

    private static Task<InvalidOperationException> IsRefusedAsync(Func<Task> verb)
        => Assert.ThrowsAsync<InvalidOperationException>(verb);
}
