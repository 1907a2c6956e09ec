namespace Drover.Coroutines.Tests.Loop;

public sealed class RunTests
{
    [Fact]
    public void Run_returns_the_value_of_the_body() => Assert.Equal(7, Loops.Run(async () =>
    {
        await Coroutine.YieldAsync();
        return 7;
    }));

    [Fact]
    public void Run_throws_what_the_body_threw_with_its_own_stack()
    {
        var error = Assert.Throws<InvalidDataException>(() => Loops.Run(async () =>
        {
            await Coroutine.YieldAsync();
            Fail();
        }));
        Assert.Contains(nameof(Fail), error.StackTrace, StringComparison.Ordinal);

        static void Fail() => throw new InvalidDataException("bad");
    }

    [Fact]
    public void Run_throws_what_the_body_threw_before_it_returned_a_task()
    {
        Assert.Throws<InvalidDataException>(() => EventLoop.Run(FailAtOnce, Loops.RealTime));
        Assert.Throws<InvalidDataException>(() => EventLoop.Run(FailAtOnceInsteadOfAValue, Loops.RealTime));

        static Task FailAtOnce() => throw new InvalidDataException("bad");
        static Task<int> FailAtOnceInsteadOfAValue() => throw new InvalidDataException("bad");
    }

    [Fact]
    public void Run_throws_every_error_of_a_body_once_and_reports_none()
    {
        var reports = new List<LoopReport>();
        Assert.Throws<InvalidDataException>(() => Loops.Run(
            async () =>
            {
                await Coroutine.YieldAsync();
                throw new InvalidDataException("bad");
            },
            Loops.VirtualTime with { OnReport = reports.Add }));
        Assert.Empty(reports);
    }

    [Fact]
    public void Run_throws_a_cancellation_of_the_bodys_own()
    {
        using var source = new CancellationTokenSource();
        var error = Assert.Throws<OperationCanceledException>(() => Loops.Run(async () =>
        {
            await Coroutine.YieldAsync();
            source.Cancel();
            source.Token.ThrowIfCancellationRequested();
        }));
        Assert.Equal(source.Token, error.CancellationToken);
    }

    [Fact]
    public void A_body_that_returns_no_task_is_told_so()
    {
        var error = Assert.Throws<InvalidOperationException>(() => EventLoop.Run(() => null!, Loops.RealTime));
        Assert.Contains("returned null", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_in_a_loop_is_refused() => Loops.Run(async () =>
    {
        var error = Assert.Throws<InvalidOperationException>(() => EventLoop.Run(() => Task.CompletedTask));
        Assert.Contains("'test'", error.Message, StringComparison.Ordinal);
        await Coroutine.YieldAsync();
    });

    [Fact]
    public void After_Run_the_thread_is_as_it_was() => Loops.OnThread(() =>
    {
        var before = new SynchronizationContext();
        SynchronizationContext.SetSynchronizationContext(before);
        EventLoop.Run(async () => await Coroutine.YieldAsync(), Loops.RealTime);
        Assert.Same(before, SynchronizationContext.Current);
        Assert.Throws<InvalidOperationException>(() => EventLoop.Current);
        Assert.Equal(1, EventLoop.Run(() => Task.FromResult(1), Loops.RealTime));
        return true;
    });

    [Fact]
    public void One_thread_runs_all_code_of_a_loop() => Loops.Run(async () =>
    {
        int thread = Environment.CurrentManagedThreadId;
        await TaskGroup.RunAsync(async group =>
        {
            for (int child = 0; child < 100; child++)
            {
                group.Start(async () =>
                {
                    Assert.Equal(thread, Environment.CurrentManagedThreadId);
                    await Coroutine.YieldAsync();
                    Assert.Equal(thread, Environment.CurrentManagedThreadId);
                    await Coroutine.SleepAsync(Milliseconds(1));
                    Assert.Equal(thread, Environment.CurrentManagedThreadId);
                });
            }

            await Coroutine.YieldAsync();
        });
    });

    [Fact]
    public void A_counter_needs_no_lock() => Loops.Run(async () =>
    {
        int counter = 0;
        await TaskGroup.RunAsync(group =>
        {
            for (int child = 0; child < 100; child++)
            {
                group.Start(async () =>
                {
                    for (int i = 0; i < 1000; i++)
                    {
                        counter += 1;
                        if (i % 100 == 0)
                        {
                            await Coroutine.YieldAsync();
                        }
                    }
                });
            }

            return Task.CompletedTask;
        });
        Assert.Equal(100_000, counter);
    });

    [Fact]
    public void Coroutines_interleave_only_at_awaits() => Loops.Run(async () =>
    {
        var order = new List<string>();
        await TaskGroup.RunAsync(group =>
        {
            foreach (string name in new[] { "a", "b" })
            {
                group.Start(async () =>
                {
                    order.Add(name + "1");
                    order.Add(name + "2");
                    await Coroutine.YieldAsync();
                    order.Add(name + "3");
                    order.Add(name + "4");
                });
            }

            order.Add("start waits");
            return Task.CompletedTask;
        });
        Assert.Equal(["start waits", "a1", "a2", "b1", "b2", "a3", "a4", "b3", "b4"], order);
    });

    [Fact]
    public void Code_that_never_has_to_wait_still_lets_others_run() => Loops.Run(async () =>
    {
        var channel = new Channel<int>(1);
        bool otherRan = false;
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(() =>
            {
                otherRan = true;
                return Task.CompletedTask;
            });
            while (!otherRan)
            {
                await channel.SendAsync(1);
                await channel.ReceiveAsync();
            }
        });
    });
}
