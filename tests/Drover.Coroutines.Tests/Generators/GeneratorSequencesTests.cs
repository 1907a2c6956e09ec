namespace Drover.Coroutines.Tests.Generators;

public sealed class GeneratorSequencesTests
{
    private bool _cleanedUp;

    private Generator<int, int, string> Counting(bool awaits) => new(async y =>
    {
        try
        {
            for (int i = 1; i <= 3; i++)
            {
                if (awaits)
                {
                    await Task.Yield();
                }

                await y.YieldAsync(i);
            }

            return "done";
        }
        finally
        {
            _cleanedUp = true;
        }
    });

    [Fact]
    public async Task A_sequence_becomes_a_generator_that_is_enumerated_from_the_first_step_on()
    {
        bool started = false;
        IEnumerable<int> Numbers()
        {
            started = true;
            yield return 1;
            yield return 2;
        }

        Generator<int, ValueTuple, ValueTuple> generator = Generator.From(Numbers());
        Assert.False(started);

        Assert.Equal(1, (await generator.NextAsync()).Yielded);
        Assert.Equal(2, (await generator.NextAsync()).Yielded);
        Assert.Equal(GeneratorStepKind.Returned, (await generator.NextAsync()).Kind);
    }

    [Fact]
    public async Task Closing_a_generator_over_a_sequence_disposes_the_enumerator()
    {
        Generator<int, ValueTuple, ValueTuple> generator = Generator.From(Counting(awaits: true).ToAsyncEnumerable());
        Assert.Equal(1, (await generator.NextAsync()).Yielded);

        await generator.CloseAsync();

        Assert.True(_cleanedUp);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_generator_can_be_enumerated_asynchronously(bool awaits)
    {
        List<int> seen = [];
        await foreach (int value in Counting(awaits).ToAsyncEnumerable())
        {
            seen.Add(value);
        }

        Assert.Equal([1, 2, 3], seen);
    }

    [Fact]
    public void A_generator_can_be_enumerated_synchronously()
        => Assert.Equal([1, 2, 3], Counting(awaits: false).ToEnumerable());

    [Fact]
    public async Task Leaving_an_enumeration_early_closes_the_generator()
    {
        Generator<int, int, string> generator = Counting(awaits: false);
        Assert.Equal(1, generator.ToEnumerable().First());
        Assert.True(_cleanedUp);
        Assert.Equal(GeneratorState.Ended, generator.State);

        _cleanedUp = false;
        await foreach (int value in Counting(awaits: true).ToAsyncEnumerable())
        {
            Assert.Equal(1, value);
            break;
        }

        Assert.True(_cleanedUp);
    }

    [Fact]
    public async Task Enumerating_goes_on_from_where_the_generator_stands_and_only_once()
    {
        Generator<int, int, string> generator = Counting(awaits: false);
        await generator.NextAsync();

        Assert.Equal([2, 3], generator.ToEnumerable());
        Assert.Empty(generator.ToEnumerable());
    }

    [Fact]
    public async Task A_body_that_waits_cannot_be_enumerated_synchronously()
    {
        var gate = new TaskCompletionSource();
        var generator = new Generator<int, int, int>(async y =>
        {
            await y.YieldAsync(1);
            await gate.Task;
            return await y.YieldAsync(2);
        });
        List<int> seen = [];

        var failure = Assert.Throws<InvalidOperationException>(() => seen.AddRange(generator.ToEnumerable()));

        Assert.Contains("ToAsyncEnumerable", failure.Message);
        Assert.Equal(GeneratorState.Running, generator.State);
        gate.SetResult();
        Assert.Equal(GeneratorState.Suspended, generator.State);
        await generator.CloseAsync();
    }

    [Fact]
    public void A_body_that_waits_while_it_is_closed_fails_a_synchronous_enumeration()
    {
        var gate = new TaskCompletionSource();
        var generator = new Generator<int, int, int>(async y =>
        {
            try
            {
                return await y.YieldAsync(1);
            }
            finally
            {
                await gate.Task;
            }
        });

        Assert.Throws<InvalidOperationException>(() => generator.ToEnumerable().First());
        gate.SetResult();
        Assert.Equal(GeneratorState.Ended, generator.State);
    }

    [Fact]
    public async Task An_exception_of_the_body_comes_out_of_the_enumeration()
    {
        static Generator<int, int, int> Failing() => new(async y =>
        {
            await y.YieldAsync(1);
            throw new FormatException("after one");
        });

        Assert.Throws<FormatException>(() => Failing().ToEnumerable().Count());
        await Assert.ThrowsAsync<FormatException>(async () =>
        {
            await foreach (int value in Failing().ToAsyncEnumerable())
            {
                Assert.Equal(1, value);
            }
        });
    }

    [Fact]
    public async Task A_canceled_token_ends_the_enumeration_between_steps_and_closes_the_generator()
    {
        using var source = new CancellationTokenSource();
        List<int> seen = [];

        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (int value in Counting(awaits: true).ToAsyncEnumerable(source.Token))
            {
                seen.Add(value);
                await source.CancelAsync();
            }
        });

        Assert.Equal([1], seen);
        Assert.True(_cleanedUp);
    }
}
