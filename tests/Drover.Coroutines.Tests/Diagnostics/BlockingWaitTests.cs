using System.Collections.Concurrent;

namespace Drover.Coroutines.Tests.Diagnostics;

/// <summary>
/// Code of a loop that blocks its thread is reported with its exact stack. What it waits for is held by a thread that
/// lets go when the report has come, so nothing here depends on time.
/// </summary>
public sealed class BlockingWaitTests : IDisposable
{
    private static readonly Dictionary<string, Action<BlockingWaitTests>> s_ways = new()
    {
        ["Task.Result"] = BlockOnResult,
        ["Task.Wait"] = BlockOnWait,
        ["GetAwaiter().GetResult()"] = BlockOnGetResult,
        ["a contended lock of an object"] = BlockOnObject,
        ["a contended Lock"] = BlockOnLock,
        ["SemaphoreSlim.Wait"] = BlockOnSemaphore,
        ["WaitHandle.WaitOne"] = BlockOnHandle,
        ["ManualResetEventSlim.Wait"] = BlockOnSlimEvent,
        ["Monitor.Wait"] = BlockOnMonitorWait,
    };

    private readonly ManualResetEventSlim _reported = new();
    private readonly ConcurrentQueue<LoopReport.BlockingWait> _reports = [];

    /// <summary>Ways to block.</summary>
    public static TheoryData<string> Ways => new(s_ways.Keys);

    private EventLoopOptions Options => Loops.RealTime with
    {
        OnReport = report =>
        {
            _reports.Enqueue(Assert.IsType<LoopReport.BlockingWait>(report));
            _reported.Set();
        },
    };

    public void Dispose() => _reported.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_blocking_wait_is_reported_with_its_stack(string way)
    {
        Loops.Run(
            () => TaskGroup.RunAsync(group =>
            {
                group.Start(
                    () =>
                    {
                        s_ways[way](this);
                        return Task.CompletedTask;
                    },
                    "careless");
                return Task.CompletedTask;
            }),
            Options);
        LoopReport.BlockingWait report = _reports.First();
        Assert.Equal("careless", report.Coroutine);
        Assert.Equal("test", report.Loop);
        Assert.Contains($"BlockingWaitTests.{s_ways[way].Method.Name}(", report.Stack, StringComparison.Ordinal);
        Assert.Contains("BlockingWaitTests.cs:line", report.Stack, StringComparison.Ordinal);
        Assert.Contains("Blocking.RunAsync", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_is_reported_the_first_time_only()
    {
        Loops.Run(
            async () =>
            {
                for (int i = 0; i < 5; i++)
                {
                    using var never = new ManualResetEvent(false);
                    Assert.False(never.WaitOne(5));
                }

                await Coroutine.YieldAsync();
            },
            Options);
        Assert.Single(_reports);
    }

    [Fact]
    public void What_is_over_already_or_does_not_wait_is_not_reported()
    {
        Loops.Run(
            async () =>
            {
                Task<int> over = Task.FromResult(1);
                Assert.Equal(1, over.Result);
                using var free = new SemaphoreSlim(1);
                Assert.True(free.Wait(0));
                using var handle = new ManualResetEvent(false);
                Assert.False(handle.WaitOne(0));
                handle.Set();
                Assert.True(handle.WaitOne());
                await Task.Delay(1);
                lock (free)
                {
                }
            },
            Options);
        Assert.Empty(_reports);
    }

    [Fact]
    public void Blocking_on_other_threads_is_not_reported()
    {
        Loops.Run(
            async () =>
            {
                using var never = new ManualResetEvent(false);
                Assert.False(await Blocking.RunAsync(() => never.WaitOne(5)));
                Assert.False(await Task.Run(() => never.WaitOne(5)));
            },
            Options);
        Assert.Empty(_reports);
    }

    /// <summary>Lets a thread take something, and give it back when the report has come.</summary>
    private void Held(Action take, Action giveBack)
    {
        var taken = new TaskCompletionSource();
        var holder = new Thread(() =>
        {
            take();
            taken.SetResult();
            _reported.Wait(TimeSpan.FromSeconds(20));
            giveBack();
        })
        { IsBackground = true };
        holder.UnsafeStart();
        while (!taken.Task.IsCompleted)
        {
            Thread.Yield(); // Not by blocking, which would be reported.
        }
    }

    private static void BlockOnResult(BlockingWaitTests test)
    {
        var source = new TaskCompletionSource<int>();
        test.Held(static () => { }, () => source.SetResult(1));
        _ = source.Task.Result;
    }

    private static void BlockOnWait(BlockingWaitTests test)
    {
        var source = new TaskCompletionSource();
        test.Held(static () => { }, source.SetResult);
        source.Task.Wait();
    }

    private static void BlockOnGetResult(BlockingWaitTests test)
    {
        var source = new TaskCompletionSource();
        test.Held(static () => { }, source.SetResult);
        source.Task.GetAwaiter().GetResult();
    }

    private static void BlockOnObject(BlockingWaitTests test)
    {
        object gate = new();
        test.Held(() => Monitor.Enter(gate), () => Monitor.Exit(gate));
        lock (gate)
        {
        }
    }

    private static void BlockOnLock(BlockingWaitTests test)
    {
        var gate = new Lock();
        test.Held(gate.Enter, gate.Exit);
        lock (gate)
        {
        }
    }

    private static void BlockOnSemaphore(BlockingWaitTests test)
    {
        using var semaphore = new SemaphoreSlim(1);
        test.Held(semaphore.Wait, () => semaphore.Release());
        semaphore.Wait();
    }

    private static void BlockOnHandle(BlockingWaitTests test)
    {
        using var handle = new ManualResetEvent(false);
        test.Held(static () => { }, () => handle.Set());
        handle.WaitOne();
    }

    private static void BlockOnSlimEvent(BlockingWaitTests test)
    {
        using var set = new ManualResetEventSlim();
        test.Held(static () => { }, set.Set);
        set.Wait();
    }

    private static void BlockOnMonitorWait(BlockingWaitTests test)
    {
        object gate = new();
        lock (gate)
        {
            test.Held(static () => { }, () =>
            {
                lock (gate)
                {
                    Monitor.Pulse(gate);
                }
            });
            Assert.True(Monitor.Wait(gate, TimeSpan.FromSeconds(20)));
        }
    }
}
