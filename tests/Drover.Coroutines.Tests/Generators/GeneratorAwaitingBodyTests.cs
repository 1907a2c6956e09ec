using System.Runtime.CompilerServices;

namespace Drover.Coroutines.Tests.Generators;

public sealed class GeneratorAwaitingBodyTests
{
    [Fact]
    public async Task A_step_waits_for_what_the_body_awaits()
    {
        var gate = new TaskCompletionSource<int>();
        var generator = new Generator<int, int, int>(async y =>
        {
            await y.YieldAsync(await gate.Task);
            return 2;
        });

        ValueTask<GeneratorStep<int, int>> step = generator.NextAsync();

        Assert.False(step.IsCompleted);
        gate.SetResult(7);
        Assert.Equal(7, (await step).Yielded);
        Assert.Equal(2, (await generator.NextAsync()).Returned);
    }

    [Fact]
    public async Task A_body_may_fail_after_an_await()
    {
        var gate = new TaskCompletionSource();
        var generator = new Generator<int, int, int>(async y =>
        {
            await y.YieldAsync(1);
            await gate.Task;
            throw new FormatException("late");
        });
        await generator.NextAsync();

        ValueTask<GeneratorStep<int, int>> step = generator.NextAsync();
        gate.SetResult();

        await Assert.ThrowsAsync<FormatException>(async () => await step);
        Assert.Equal(GeneratorState.Ended, generator.State);
    }

    [Fact]
    public void The_driver_resumes_in_its_own_context_when_the_body_yields_elsewhere()
    {
        var context = new QueueContext();
        context.Run(async () =>
        {
            var generator = new Generator<int, int, int>(async y =>
            {
                while (true)
                {
                    await LeaveTheContext();
                    Assert.Null(SynchronizationContext.Current);
                    await y.YieldAsync(1);
                    Assert.Same(context, SynchronizationContext.Current);
                }
            });

            for (int i = 0; i < 10; i++)
            {
                Assert.Equal(1, (await generator.NextAsync()).Yielded);
                Assert.Same(context, SynchronizationContext.Current);
            }
        });
    }

    [Fact]
    public void The_driver_resumes_in_its_own_context_when_the_body_ends_elsewhere()
    {
        var context = new QueueContext();
        context.Run(async () =>
        {
            var generator = new Generator<int, int, int>(async y =>
            {
                await LeaveTheContext();
                return 1;
            });

            Assert.Equal(1, (await generator.NextAsync()).Returned);
            Assert.Same(context, SynchronizationContext.Current);
        });
    }

    [Fact]
    public void In_one_context_the_driver_goes_on_inline_when_the_body_yields_or_ends()
    {
        var context = new QueueContext();
        int thread = Environment.CurrentManagedThreadId;
        context.Run(async () =>
        {
            var generator = new Generator<int, int, int>(async y =>
            {
                await Task.Yield();
                await y.YieldAsync(1);
                await Task.Yield();
                return 2;
            });

            Assert.Equal(1, (await generator.NextAsync()).Yielded);
            Assert.Equal(1, context.Posts);
            Assert.Equal(2, (await generator.NextAsync()).Returned);
            Assert.Equal(2, context.Posts);
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
        });
    }

    [Fact]
    public void The_body_goes_on_in_whichever_context_drives()
    {
        QueueContext first = new(), second = new();
        List<SynchronizationContext?> seen = [];
        var generator = new Generator<int, int, int>(async y =>
        {
            seen.Add(SynchronizationContext.Current);
            await y.YieldAsync(1);
            seen.Add(SynchronizationContext.Current);
            await y.YieldAsync(2);
            seen.Add(SynchronizationContext.Current);
            return 3;
        });

        first.Run(async () => await generator.NextAsync());
        second.Run(async () => await generator.NextAsync());
        Assert.True(generator.NextAsync().IsCompleted);

        Assert.Equal([first, second, SynchronizationContext.Current], seen);
    }

    [Fact]
    public void After_a_delegation_the_body_goes_on_in_whichever_context_drives()
    {
        QueueContext first = new(), second = new();
        List<SynchronizationContext?> seen = [];
        var generator = new Generator<int, int, int>(async y =>
        {
            await y.DelegateAsync(new Generator<int, int, int>(async inner => await inner.YieldAsync(1)));
            seen.Add(SynchronizationContext.Current);
            await y.DelegateAsync([2]);
            seen.Add(SynchronizationContext.Current);
            return 3;
        });

        first.Run(async () => await generator.NextAsync());
        second.Run(async () => await generator.NextAsync());
        Assert.True(generator.NextAsync().IsCompleted);

        Assert.Equal([second, SynchronizationContext.Current], seen);
        Assert.Equal(0, first.Posts + second.Posts);
    }

    [Fact]
    public async Task The_body_keeps_its_own_async_locals()
    {
        var local = new AsyncLocal<string>();
        var generator = new Generator<string?, int, string?>(async y =>
        {
            local.Value = "body";
            await y.YieldAsync(local.Value);
            return local.Value;
        });
        local.Value = "driver";

        Assert.Equal("body", (await generator.NextAsync()).Yielded);
        Assert.Equal("driver", local.Value);
        Assert.Equal("body", (await generator.NextAsync()).Returned);
    }

    [Fact]
    public async Task A_yield_may_be_awaited_as_a_task()
    {
        var generator = new Generator<int, int, int>(async y => await y.YieldAsync(1).AsTask() + 1);
        await generator.NextAsync();

        Assert.Equal(6, (await generator.SendAsync(5)).Returned);
    }

    /// <summary>Goes on without a context, on a thread of the pool.</summary>
    private static ConfiguredTaskAwaitable LeaveTheContext()
        => Task.Factory.StartNew(
            () => { }, CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Default).ConfigureAwait(
            ConfigureAwaitOptions.ForceYielding);
}
