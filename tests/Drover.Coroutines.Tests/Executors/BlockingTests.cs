using System.Diagnostics;

namespace Drover.Coroutines.Tests.Executors;

public sealed class BlockingTests
{
    [Fact]
    public void A_call_runs_on_another_thread_and_comes_back() => Loops.RunInRealTime(async () =>
    {
        int thread = Environment.CurrentManagedThreadId;
        Coroutine coroutine = Coroutine.Current;
        (int there, string? name, bool isBare) = await Blocking.RunAsync(
            () => (Environment.CurrentManagedThreadId, Thread.CurrentThread.Name, SynchronizationContext.Current is null));
        Assert.NotEqual(thread, there);
        Assert.Equal("blocking", name);
        Assert.True(isBare);
        Assert.Equal(thread, Environment.CurrentManagedThreadId);
        Assert.Same(coroutine, Coroutine.Current);
        bool ran = false;
        await Blocking.RunAsync(() => { ran = true; });
        Assert.True(ran);
    });

    [Fact]
    public void What_the_work_throws_is_thrown_with_its_own_stack() => Loops.RunInRealTime(async () =>
    {
        var error = await Assert.ThrowsAsync<InvalidDataException>(async () => await Blocking.RunAsync(Fail));
        Assert.Contains(nameof(Fail), error.StackTrace, StringComparison.Ordinal);

        static void Fail() => throw new InvalidDataException("bad");
    });

    [Fact]
    public void As_many_calls_block_at_once_as_the_pool_has_threads() => Loops.RunInRealTime(async () =>
    {
        // All ten are inside at the same time, or the barrier would never open: they take as long as one.
        using var barrier = new Barrier(10);
        var pool = new BlockingPool(10);
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 10; i++)
            {
                group.Start(async () => Assert.True(await Blocking.RunAsync(() => barrier.SignalAndWait(Seconds(20)), pool: pool)));
            }

            return Task.CompletedTask;
        });
    });

    [Fact]
    public void No_more_calls_run_at_once_than_the_pool_has_threads() => Loops.RunInRealTime(async () =>
    {
        var pool = new BlockingPool(3);
        int running = 0;
        int most = 0;
        await TaskGroup.MapAsync(Enumerable.Range(0, 100), 20, async i => await Blocking.RunAsync(
            () =>
            {
                int now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                Thread.Yield();
                Interlocked.Decrement(ref running);
                return i;
            },
            pool: pool));
        Assert.InRange(most, 1, 3);

        static void InterlockedMax(ref int target, int value)
        {
            int seen;
            while (value > (seen = Volatile.Read(ref target)) && Interlocked.CompareExchange(ref target, value, seen) != seen)
            {
            }
        }
    });

    [Fact]
    public void The_loop_keeps_its_heartbeat_while_every_thread_blocks() => Loops.RunInRealTime(async () =>
    {
        using var mayEnd = new ManualResetEventSlim();
        var pool = new BlockingPool(2);
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < 4; i++)
            {
                group.Start(async () => await Blocking.RunAsync(() => mayEnd.Wait(Seconds(20)), pool: pool));
            }

            for (int beat = 0; beat < 20; beat++)
            {
                await Coroutine.SleepAsync(Milliseconds(1));
            }

            mayEnd.Set(); // Only a loop that beats comes here.
        });
    });

    [Fact]
    public void MapAsync_keeps_the_order_and_cancels_what_has_not_begun_at_a_failure() => Loops.RunInRealTime(async () =>
    {
        int[] squares = await Blocking.MapAsync(Enumerable.Range(0, 100), i => i * i);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => i * i), squares);

        int begun = 0;
        var error = await Assert.ThrowsAsync<TaskGroupException>(() => Blocking.MapAsync(
            Enumerable.Range(0, 1000), _ => Interlocked.Increment(ref begun) == 5 ? throw new InvalidDataException("bad") : 1, limit: 2));
        Assert.Equal("bad", Assert.Single(error.InnerExceptions).Message);
        Assert.InRange(begun, 5, 999);
    });

    [Fact]
    public void Work_that_computes_runs_on_all_cores_at_once() => Loops.RunInRealTime(async () =>
    {
        using var barrier = new Barrier(Environment.ProcessorCount);
        bool[] together = await Blocking.MapAsync(Enumerable.Range(0, Environment.ProcessorCount), _ => barrier.SignalAndWait(Seconds(20)));
        Assert.All(together, Assert.True);
        Assert.Equal(Environment.ProcessorCount, BlockingPool.Cpu.Threads);
    });

    [Fact]
    public void A_blocking_library_works_unchanged() => Loops.RunInRealTime(async () =>
    {
        string text = await Blocking.RunAsync(() =>
        {
            using Process process = Process.Start(new ProcessStartInfo("echo", "hello") { RedirectStandardOutput = true, UseShellExecute = false })!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Thread.Sleep(1);
            lock (process)
            {
                return Task.Run(() => output.Trim()).Result;
            }
        });
        Assert.Equal("hello", text);
    });

    [Fact]
    public void A_pools_threads_come_and_work_again_after_a_rest() => Loops.RunInRealTime(async () =>
    {
        var pool = new BlockingPool(1, "one");
        int first = await Blocking.RunAsync(() => Environment.CurrentManagedThreadId, pool: pool);
        await Coroutine.SleepAsync(Milliseconds(5));
        Assert.Equal(first, await Blocking.RunAsync(() => Environment.CurrentManagedThreadId, pool: pool));
        Assert.Equal("one", pool.Name);
        Assert.Throws<ArgumentOutOfRangeException>(() => new BlockingPool(0));
    });

    [Fact]
    public async Task Several_loops_share_a_pool()
    {
        var pool = new BlockingPool(2);
        EventLoop[] loops = [.. Enumerable.Range(0, 3).Select(i => EventLoop.Start($"loop {i}"))];
        await Loops.Within(Task.WhenAll(loops.Select(loop => loop.InvokeAsync(async () =>
        {
            for (int i = 0; i < 100; i++)
            {
                Assert.Equal(i, await Blocking.RunAsync(() => i, pool: pool));
                Assert.Same(loop, EventLoop.Current);
            }
        }))));
        foreach (EventLoop loop in loops)
        {
            await Loops.Within(loop.StopAsync());
        }
    }
}
