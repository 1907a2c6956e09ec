namespace Drover.Coroutines.Tests.Generators;

public sealed class GeneratorTests
{
    private static Generator<string, int, int> Adder() => new(async y =>
    {
        int sum = 0;
        for (int n = 0; n < 2; n++)
        {
            sum += await y.YieldAsync($"sum {sum}");
        }

        return sum;
    });

    [Fact]
    public void A_generator_needs_a_body()
        => Assert.Throws<ArgumentNullException>(() => new Generator<int, int, int>(null!));

    [Fact]
    public void Nothing_of_the_body_runs_before_the_first_step()
    {
        bool ran = false;
        var generator = new Generator<int, int, int>(y =>
        {
            ran = true;
            return Task.FromResult(1);
        });

        Assert.False(ran);
        Assert.Equal(GeneratorState.Created, generator.State);
    }

    [Fact]
    public async Task The_first_next_runs_the_body_to_its_first_yield()
    {
        Generator<string, int, int> adder = Adder();

        GeneratorStep<string, int> step = await adder.NextAsync();

        Assert.Equal("sum 0", step.Yielded);
        Assert.Equal(GeneratorState.Suspended, adder.State);
    }

    [Fact]
    public async Task A_sent_value_is_what_the_yield_evaluates_to()
    {
        Generator<string, int, int> adder = Adder();
        await adder.NextAsync();

        Assert.Equal("sum 5", (await adder.SendAsync(5)).Yielded);
        Assert.Equal(12, (await adder.SendAsync(7)).Returned);
    }

    [Fact]
    public async Task Next_sends_the_default_value()
    {
        var generator = new Generator<int, string?, bool>(async y => await y.YieldAsync(1) is null);
        await generator.NextAsync();

        Assert.True((await generator.NextAsync()).Returned);
    }

    [Fact]
    public async Task A_body_without_a_yield_returns_at_the_first_step()
    {
        var generator = new Generator<int, int, string>(y => Task.FromResult("done"));

        Assert.Equal("done", (await generator.NextAsync()).Returned);
        Assert.Equal(GeneratorState.Ended, generator.State);
    }

    [Fact]
    public async Task The_return_value_is_given_once_and_ended_steps_follow()
    {
        var generator = new Generator<int, int, int>(y => Task.FromResult(7));

        Assert.Equal(7, (await generator.NextAsync()).Returned);
        Assert.Equal(GeneratorStepKind.Ended, (await generator.NextAsync()).Kind);
        Assert.Equal(GeneratorStepKind.Ended, (await generator.SendAsync(1)).Kind);
    }

    [Fact]
    public async Task Sending_before_the_start_is_refused_and_changes_nothing()
    {
        Generator<string, int, int> adder = Adder();

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(async () => await adder.SendAsync(1));

        Assert.Contains("NextAsync", refusal.Message);
        Assert.Equal("sum 0", (await adder.NextAsync()).Yielded);
    }

    [Fact]
    public void A_step_is_complete_on_return_when_the_body_awaits_only_yields()
    {
        Generator<string, int, int> adder = Adder();

        Assert.True(adder.NextAsync().IsCompleted);
        Assert.True(adder.SendAsync(1).IsCompleted);
        Assert.True(adder.SendAsync(1).IsCompleted);
    }

    [Fact]
    public async Task A_step_that_the_driver_drops_does_not_disturb_the_next()
    {
        Generator<string, int, int> adder = Adder();
        _ = adder.NextAsync();
        _ = adder.SendAsync(1);

        Assert.Equal(3, (await adder.SendAsync(2)).Returned);
    }

    [Fact]
    public async Task An_exception_of_the_body_comes_out_of_the_verb_with_its_own_stack()
    {
        var generator = new Generator<int, int, int>(async y =>
        {
            await y.YieldAsync(1);
            return FailsHere();
        });
        await generator.NextAsync();

        var failure = await Assert.ThrowsAsync<FormatException>(async () => await generator.SendAsync(1));

        Assert.Contains(nameof(FailsHere), failure.StackTrace);
        Assert.Equal(GeneratorState.Ended, generator.State);
        Assert.Equal(GeneratorStepKind.Ended, (await generator.NextAsync()).Kind);
    }

    [Fact]
    public async Task An_exception_before_the_first_yield_comes_out_of_the_first_step()
    {
        var generator = new Generator<int, int, int>(y => throw new FormatException("no task at all"));

        await Assert.ThrowsAsync<FormatException>(async () => await generator.NextAsync());
        Assert.Equal(GeneratorState.Ended, generator.State);
    }

    [Fact]
    public async Task A_cancellation_of_the_body_comes_out_as_the_same_exception()
    {
        var canceled = new OperationCanceledException("enough");
        var generator = new Generator<int, int, int>(async y =>
        {
            await y.YieldAsync(1);
            throw canceled;
        });
        await generator.NextAsync();

        Assert.Same(canceled, await Assert.ThrowsAsync<OperationCanceledException>(
            async () => await generator.NextAsync()));
    }

    [Fact]
    public async Task A_yield_hands_its_value_out_when_it_is_awaited()
    {
        List<string> order = [];
        var generator = new Generator<int, int, int>(async y =>
        {
            ValueTask<int> yield = y.YieldAsync(1);
            order.Add("begun");
            return await yield;
        });

        order.Add($"{await generator.NextAsync()}");

        Assert.Equal(["begun", "Yielded(1)"], order);
        Assert.Equal(9, (await generator.SendAsync(9)).Returned);
    }

    private static int FailsHere() => throw new FormatException("the body failed");
}
