namespace Drover.Coroutines.Tests.Generators;

public sealed class GeneratorCloseTests
{
    [Fact]
    public async Task Closing_runs_the_finally_blocks_of_the_body()
    {
        List<string> log = [];
        var generator = new Generator<int, int, int>(async y =>
        {
            try
            {
                try
                {
                    return await y.YieldAsync(1);
                }
                finally
                {
                    log.Add("inner");
                }
            }
            finally
            {
                log.Add("outer");
            }
        });
        await generator.NextAsync();

        Assert.Equal(GeneratorStepKind.Ended, (await generator.CloseAsync()).Kind);
        Assert.Equal(["inner", "outer"], log);
        Assert.Equal(GeneratorState.Ended, generator.State);
    }

    [Fact]
    public async Task Closing_waits_for_awaits_in_the_finally_blocks()
    {
        var gate = new TaskCompletionSource();
        bool cleanedUp = false;
        var generator = new Generator<int, int, int>(async y =>
        {
            try
            {
                return await y.YieldAsync(1);
            }
            finally
            {
                await gate.Task;
                cleanedUp = true;
            }
        });
        await generator.NextAsync();

        ValueTask<GeneratorStep<int, int>> closing = generator.CloseAsync();
        Assert.False(closing.IsCompleted);
        gate.SetResult();
        await closing;

        Assert.True(cleanedUp);
    }

    [Fact]
    public async Task Disposing_closes()
    {
        bool cleanedUp = false;
        await using (var generator = new Generator<int, int, int>(async y =>
        {
            try
            {
                return await y.YieldAsync(1);
            }
            finally
            {
                cleanedUp = true;
            }
        }))
        {
            await generator.NextAsync();
        }

        Assert.True(cleanedUp);
    }

    [Fact]
    public async Task Closing_before_the_start_means_that_the_body_never_runs()
    {
        bool ran = false;
        var generator = new Generator<int, int, int>(y =>
        {
            ran = true;
            return Task.FromResult(1);
        });

        await generator.CloseAsync();

        Assert.Equal(GeneratorStepKind.Ended, (await generator.NextAsync()).Kind);
        Assert.False(ran);
    }

    [Fact]
    public async Task Closing_again_or_after_the_end_does_nothing()
    {
        var generator = new Generator<int, int, int>(async y => await y.YieldAsync(1));
        await generator.NextAsync();

        Assert.Equal(GeneratorStepKind.Ended, (await generator.CloseAsync()).Kind);
        Assert.Equal(GeneratorStepKind.Ended, (await generator.CloseAsync()).Kind);
        await generator.DisposeAsync();
    }
}
