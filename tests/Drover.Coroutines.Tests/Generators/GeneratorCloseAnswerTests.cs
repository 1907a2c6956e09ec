namespace Drover.Coroutines.Tests.Generators;

public sealed class GeneratorCloseAnswerTests
{
    [Fact]
    public async Task A_body_that_yields_while_it_is_closed_fails_the_close_and_can_be_closed_again()
    {
        var generator = new Generator<int, int, int>(async y =>
        {
            try
            {
                await y.YieldAsync(1);
            }
            catch (OperationCanceledException)
            {
                await y.YieldAsync(2);
            }

            return 3;
        });
        await generator.NextAsync();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () => await generator.CloseAsync());

        Assert.Contains(nameof(GeneratorClosedException), failure.Message);
        Assert.Equal(GeneratorState.Suspended, generator.State);
        Assert.Equal(GeneratorStepKind.Ended, (await generator.CloseAsync()).Kind);
        Assert.Equal(GeneratorState.Ended, generator.State);
    }

    [Fact]
    public async Task A_body_that_ignored_a_close_can_be_driven_on()
    {
        var generator = new Generator<int, int, int>(async y =>
        {
            try
            {
                await y.YieldAsync(1);
            }
            catch (GeneratorClosedException)
            {
                await y.YieldAsync(2);
            }

            return await y.YieldAsync(3);
        });
        await generator.NextAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await generator.CloseAsync());

        Assert.Equal(3, (await generator.NextAsync()).Yielded);
        Assert.Equal(4, (await generator.SendAsync(4)).Returned);
    }

    [Fact]
    public async Task A_body_may_answer_a_close_with_a_return_value()
    {
        var generator = new Generator<int, int, string>(async y =>
        {
            try
            {
                await y.YieldAsync(1);
                return "not closed";
            }
            catch (GeneratorClosedException)
            {
                return "summary";
            }
        });
        await generator.NextAsync();

        Assert.Equal("summary", (await generator.CloseAsync()).Returned);
        Assert.Equal(GeneratorStepKind.Ended, (await generator.CloseAsync()).Kind);
    }

    [Fact]
    public async Task An_exception_during_clean_up_comes_out_of_the_close()
    {
        var generator = new Generator<int, int, int>(async y =>
        {
            try
            {
                return await y.YieldAsync(1);
            }
            finally
            {
                FailsHere();
            }
        });
        await generator.NextAsync();

        var failure = await Assert.ThrowsAsync<FormatException>(async () => await generator.CloseAsync());

        Assert.Contains(nameof(FailsHere), failure.StackTrace);
        Assert.Equal(GeneratorState.Ended, generator.State);
    }

    [Fact]
    public async Task Another_cancellation_during_clean_up_is_not_taken_for_the_close()
    {
        var generator = new Generator<int, int, int>(async y =>
        {
            try
            {
                return await y.YieldAsync(1);
            }
            finally
            {
                TakesTooLong();
            }
        });
        await generator.NextAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await generator.CloseAsync());
    }

    [Fact]
    public async Task The_close_signal_kept_and_thrown_later_comes_out_of_the_verb()
    {
        GeneratorClosedException? kept = null;
        var generator = new Generator<int, int, int>(async y =>
        {
            try
            {
                await y.YieldAsync(1);
            }
            catch (GeneratorClosedException closed)
            {
                kept = closed;
                await y.YieldAsync(2);
            }

            throw kept!;
        });
        await generator.NextAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await generator.CloseAsync());

        Assert.Same(kept, await Assert.ThrowsAsync<GeneratorClosedException>(async () => await generator.NextAsync()));
    }

    private static void TakesTooLong() => throw new OperationCanceledException("clean-up took too long");

    private static void FailsHere() => throw new FormatException("clean-up failed");
}
