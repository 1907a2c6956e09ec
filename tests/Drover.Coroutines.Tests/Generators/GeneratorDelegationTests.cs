namespace Drover.Coroutines.Tests.Generators;

public sealed class GeneratorDelegationTests
{
    private readonly List<string> _log = [];

    private Generator<string, string?, int> Inner() => new(async y =>
    {
        int received = 0;
        try
        {
            while (true)
            {
                try
                {
                    string? got = await y.YieldAsync($"inner {received}");
                    if (got == "stop")
                    {
                        return received;
                    }

                    received++;
                }
                catch (FormatException thrown)
                {
                    _log.Add($"inner caught {thrown.Message}");
                }
            }
        }
        finally
        {
            await Task.Yield();
            _log.Add("inner cleaned up");
        }
    });

    private Generator<string, string?, string> Outer(Generator<string, string?, int> inner) => new(async y =>
    {
        try
        {
            int result = await y.DelegateAsync(inner);
            _log.Add($"inner returned {result}");
        }
        catch (InvalidCastException failure)
        {
            _log.Add($"outer caught {failure.Message}");
        }
        finally
        {
            _log.Add("outer cleaned up");
        }

        return $"outer got {await y.YieldAsync("outer")}";
    });

    [Fact]
    public async Task Sent_values_reach_the_inner_generator_and_its_return_value_the_outer()
    {
        Generator<string, string?, string> outer = Outer(Inner());

        Assert.Equal("inner 0", (await outer.NextAsync()).Yielded);
        Assert.Equal("inner 1", (await outer.SendAsync("a")).Yielded);
        Assert.Equal("inner 2", (await outer.NextAsync()).Yielded);
        Assert.Equal("outer", (await outer.SendAsync("stop")).Yielded);
        Assert.Equal("outer got b", (await outer.SendAsync("b")).Returned);
        Assert.Equal(["inner cleaned up", "inner returned 2", "outer cleaned up"], _log);
    }

    [Fact]
    public async Task A_thrown_exception_is_raised_in_the_inner_generator()
    {
        Generator<string, string?, string> outer = Outer(Inner());
        await outer.NextAsync();

        Assert.Equal("inner 0", (await outer.ThrowAsync(new FormatException("x"))).Yielded);
        Assert.Equal(["inner caught x"], _log);
    }

    [Fact]
    public async Task What_the_inner_generator_does_not_catch_goes_on_in_the_outer()
    {
        Generator<string, string?, string> outer = Outer(Inner());
        await outer.NextAsync();

        Assert.Equal("outer", (await outer.ThrowAsync(new InvalidCastException("y"))).Yielded);
        Assert.Equal(["inner cleaned up", "outer caught y", "outer cleaned up"], _log);
    }

    [Fact]
    public async Task Closing_closes_the_inner_generator_first()
    {
        Generator<string, string?, int> inner = Inner();
        Generator<string, string?, string> outer = Outer(inner);
        await outer.NextAsync();

        await outer.CloseAsync();

        Assert.Equal(["inner cleaned up", "outer cleaned up"], _log);
        Assert.Equal(GeneratorState.Ended, inner.State);
    }

    [Fact]
    public async Task A_return_value_given_in_answer_to_a_close_does_not_keep_the_outer_alive()
    {
        bool wentOn = false;
        var inner = new Generator<int, int, int>(async y =>
        {
            try
            {
                return await y.YieldAsync(1);
            }
            catch (GeneratorClosedException)
            {
                return 2;
            }
        });
        var outer = new Generator<int, int, int>(async y =>
        {
            int result = await y.DelegateAsync(inner);
            wentOn = true;
            return result;
        });
        await outer.NextAsync();

        Assert.Equal(GeneratorStepKind.Ended, (await outer.CloseAsync()).Kind);
        Assert.False(wentOn);
    }

    [Fact]
    public async Task An_inner_generator_that_yields_while_it_is_closed_fails_the_outer()
    {
        var inner = new Generator<int, int, int>(async y =>
        {
            try
            {
                return await y.YieldAsync(1);
            }
            finally
            {
                await y.YieldAsync(2);
            }
        });
        var outer = new Generator<int, int, int>(async y => await y.DelegateAsync(inner));
        await outer.NextAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await outer.CloseAsync());
        Assert.Equal(GeneratorState.Ended, outer.State);
        Assert.Equal(GeneratorState.Suspended, inner.State);
    }

    [Fact]
    public async Task Delegating_to_a_started_generator_goes_on_from_its_yield()
    {
        Generator<string, string?, int> inner = Inner();
        await inner.NextAsync();

        Assert.Equal("inner 1", (await Outer(inner).NextAsync()).Yielded);
    }

    [Fact]
    public async Task Delegating_to_a_generator_that_had_ended_fails()
    {
        Generator<string, string?, int> inner = Inner();
        await inner.CloseAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Outer(inner).NextAsync());
    }

    [Fact]
    public async Task There_has_to_be_something_to_delegate_to()
    {
        var generator = new Generator<int, int, int>(async y =>
        {
            await Assert.ThrowsAsync<ArgumentNullException>(
                async () => await y.DelegateAsync((Generator<int, int, int>)null!));
            await Assert.ThrowsAsync<ArgumentNullException>(
                async () => await y.DelegateAsync((IEnumerable<int>)null!));
            await Assert.ThrowsAsync<ArgumentNullException>(
                async () => await y.DelegateAsync((IAsyncEnumerable<int>)null!));
            return 1;
        });

        Assert.Equal(1, (await generator.NextAsync()).Returned);
    }
}
