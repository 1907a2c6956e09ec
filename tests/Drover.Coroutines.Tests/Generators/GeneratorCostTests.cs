using System.Runtime.CompilerServices;

namespace Drover.Coroutines.Tests.Generators;

public sealed class GeneratorCostTests
{
    private static Generator<int, int, int> Counting() => new(async y =>
    {
        int sum = 0;
        while (true)
        {
            sum += await y.YieldAsync(sum);
        }
    });

    private static Generator<int, int, int> Nested(int levels)
        => levels == 0 ? Counting() : new(async y => await y.DelegateAsync(Nested(levels - 1)));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Sending_to_a_body_that_yields_in_a_loop_allocates_nothing(int levels)
    {
        const int sends = 10_000;
        Generator<int, int, int> generator = Nested(levels);
        await generator.NextAsync();
        await SendAsync(generator, sends);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < sends; i++)
        {
            await generator.SendAsync(1);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal((2 * sends) + 1, (await generator.SendAsync(1)).Yielded);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_hundred_thousand_sends_do_not_grow_the_stack(int levels)
    {
        Generator<int, int, int> generator = Nested(levels);
        await generator.NextAsync();

        Assert.Equal(100_000, await SendAsync(generator, 100_000));
    }

    [Fact]
    public async Task A_hundred_thousand_steps_of_a_body_that_awaits_do_not_grow_the_stack()
    {
        Assert.Equal(100_000, await SendAsync(await StartedAsync(), 100_000));
        new QueueContext().Run(async () => Assert.Equal(100_000, await SendAsync(await StartedAsync(), 100_000)));

        static async Task<Generator<int, int, int>> StartedAsync()
        {
            var generator = new Generator<int, int, int>(async y =>
            {
                int sum = 0;
                while (true)
                {
                    await Task.Yield();
                    sum += await y.YieldAsync(sum);
                }
            });
            await generator.NextAsync();
            return generator;
        }
    }

    [Fact]
    public async Task A_hundred_thousand_delegations_in_a_row_do_not_grow_the_stack()
    {
        var generator = new Generator<int, int, int>(async y =>
        {
            int sum = 0;
            while (true)
            {
                int last = sum;
                sum += await y.DelegateAsync(new Generator<int, int, int>(async inner => await inner.YieldAsync(last)));
            }
        });
        await generator.NextAsync();

        Assert.Equal(100_000, await SendAsync(generator, 100_000));
    }

    [Fact]
    public void Delegation_too_deep_for_the_stack_is_an_exception_and_not_the_end_of_the_process()
    {
        Exception? failure = null;
        var thread = new Thread(
            () => failure = Record.Exception(() => Nested(100_000).NextAsync().GetAwaiter().GetResult()),
            maxStackSize: 512 * 1024);

        thread.Start();
        thread.Join();

        Assert.IsType<InsufficientExecutionStackException>(failure);
    }

    [Fact]
    public void A_dropped_generator_is_collected_and_its_finally_blocks_never_run()
    {
        var cleanedUp = new StrongBox<bool>();
        WeakReference dropped = StartAndDrop(cleanedUp);

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(dropped.IsAlive);
        Assert.False(cleanedUp.Value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference StartAndDrop(StrongBox<bool> cleanedUp)
    {
        var generator = new Generator<int, int, int>(async y =>
        {
            try
            {
                return await y.YieldAsync(1);
            }
            finally
            {
                cleanedUp.Value = true;
            }
        });
        _ = generator.NextAsync();
        return new WeakReference(generator);
    }

    /// <summary>Sends 1 again and again, and gives the last value yielded.</summary>
    private static async Task<int> SendAsync(Generator<int, int, int> generator, int sends)
    {
        int last = 0;
        for (int i = 0; i < sends; i++)
        {
            last = (await generator.SendAsync(1)).Yielded;
        }

        return last;
    }
}
