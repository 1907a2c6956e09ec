namespace Drover.Coroutines.Tests.Generators;

public sealed class GeneratorThrowTests
{
    private static Generator<string, int, string> Catching() => new(async y =>
    {
        try
        {
            await y.YieldAsync("waiting");
            return "not thrown";
        }
        catch (FormatException thrown)
        {
            return $"after {thrown.Message}: {await y.YieldAsync("caught")}";
        }
    });

    [Fact]
    public async Task A_thrown_exception_is_raised_at_the_yield_and_the_body_may_yield_again()
    {
        Generator<string, int, string> generator = Catching();
        await generator.NextAsync();

        Assert.Equal("caught", (await generator.ThrowAsync(new FormatException("it"))).Yielded);
        Assert.Equal("after it: 4", (await generator.SendAsync(4)).Returned);
    }

    [Fact]
    public async Task A_thrown_exception_that_the_body_does_not_catch_comes_back_and_ends_it()
    {
        var thrown = new InvalidCastException("not yours");
        Generator<string, int, string> generator = Catching();
        await generator.NextAsync();

        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidCastException>(
            async () => await generator.ThrowAsync(thrown)));
        Assert.Equal(GeneratorState.Ended, generator.State);
    }

    [Fact]
    public async Task Throwing_runs_the_finally_blocks_of_the_body()
    {
        bool cleanedUp = false;
        var generator = new Generator<int, int, int>(async y =>
        {
            try
            {
                return await y.YieldAsync(1);
            }
            finally
            {
                cleanedUp = true;
            }
        });
        await generator.NextAsync();

        await Assert.ThrowsAsync<FormatException>(async () => await generator.ThrowAsync(new FormatException()));

        Assert.True(cleanedUp);
    }

    [Fact]
    public async Task The_body_may_throw_another_exception_instead()
    {
        var generator = new Generator<int, int, int>(async y =>
        {
            try
            {
                return await y.YieldAsync(1);
            }
            catch (FormatException thrown)
            {
                throw new InvalidCastException("instead", thrown);
            }
        });
        await generator.NextAsync();

        var failure = await Assert.ThrowsAsync<InvalidCastException>(
            async () => await generator.ThrowAsync(new FormatException("first")));

        Assert.Equal("first", failure.InnerException?.Message);
    }

    [Fact]
    public async Task Throwing_before_the_start_ends_the_generator_and_the_body_never_runs()
    {
        bool ran = false;
        var generator = new Generator<int, int, int>(y =>
        {
            ran = true;
            return Task.FromResult(1);
        });

        await Assert.ThrowsAsync<FormatException>(async () => await generator.ThrowAsync(new FormatException()));

        Assert.Equal(GeneratorStepKind.Ended, (await generator.NextAsync()).Kind);
        Assert.False(ran);
    }

    [Fact]
    public async Task Throwing_after_the_end_gives_the_exception_back()
    {
        var generator = new Generator<int, int, int>(y => Task.FromResult(1));
        await generator.NextAsync();

        await Assert.ThrowsAsync<FormatException>(async () => await generator.ThrowAsync(new FormatException()));
        Assert.Equal(GeneratorState.Ended, generator.State);
    }

    [Fact]
    public async Task There_has_to_be_an_exception_to_throw()
    {
        Generator<string, int, string> generator = Catching();
        await generator.NextAsync();

        await Assert.ThrowsAsync<ArgumentNullException>(async () => await generator.ThrowAsync(null!));
        Assert.Equal(GeneratorState.Suspended, generator.State);
    }
}
