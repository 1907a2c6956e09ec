using System.Collections.Concurrent;

namespace Drover.Coroutines.Tests.Diagnostics;

/// <summary>The loop is blocked until the watchdog has reported it, so the tests do not depend on how fast it looks.</summary>
public sealed class WatchdogTests : IDisposable
{
    private readonly ManualResetEventSlim _reported = new();
    private readonly ConcurrentQueue<LoopReport.Blocked> _reports = [];

    private EventLoopOptions Options => Loops.RealTime with
    {
        Name = "busy",
        BlockedAfter = Milliseconds(20),
        OnReport = report =>
        {
            if (report is LoopReport.Blocked blocked)
            {
                _reports.Enqueue(blocked);
                _reported.Set();
            }
        },
    };

    public void Dispose() => _reported.Dispose();

    private void SpinUntilReported() => Assert.True(SpinWait.SpinUntil(() => _reported.IsSet, TimeSpan.FromSeconds(20)));

    [Fact]
    public void A_step_that_runs_too_long_is_reported_with_the_coroutine_and_its_last_wait()
    {
        Loops.Run(
            () => TaskGroup.RunAsync(group =>
            {
                group.Start(
                    async () =>
                    {
                        var bell = new Event("bell");
                        group.Start(async () =>
                        {
                            await Coroutine.YieldAsync();
                            bell.Set();
                        });
                        await bell.WaitAsync();
                        SpinUntilReported();
                    },
                    "cruncher");
                return Task.CompletedTask;
            }),
            Options);
        LoopReport.Blocked report = _reports.First();
        Assert.Equal("busy", report.Loop);
        Assert.Equal("cruncher", report.Coroutine);
        Assert.StartsWith("WatchdogTests.cs:", report.StartedAt, StringComparison.Ordinal);
        Assert.Equal("wait for event 'bell'", report.LastWait);
        Assert.True(report.Elapsed >= Milliseconds(20), "It was reported too early.");
        Assert.Null(report.Stack); // The thread computes: the platform gives no other thread's stack.
        Assert.Matches(
            @"^event loop 'busy' is blocked for .* by 'cruncher' \(started at WatchdogTests.cs:\d+, last wait: wait for event 'bell'\)$",
            report.ToString());
    }

    [Fact]
    public void A_step_that_is_in_a_blocking_wait_is_reported_with_its_stack()
    {
        Loops.Run(
            async () =>
            {
                // Taking a stack for the first time takes long: then the watchdog may come before it is known.
                for (int attempt = 0; attempt < 100 && _reports.All(report => report.Stack is null); attempt++)
                {
                    await Coroutine.YieldAsync();
                    _reported.Reset();
                    BlockUntilReported();
                }
            },
            Options);
        Assert.Contains(nameof(BlockUntilReported), _reports.Last().Stack, StringComparison.Ordinal);

        void BlockUntilReported() => Assert.True(_reported.Wait(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void One_step_is_reported_once_and_the_next_again()
    {
        Loops.Run(
            async () =>
            {
                for (int step = 1; step <= 2; step++)
                {
                    SpinUntilReported();
                    _reported.Reset();
                    Assert.Equal(step, _reports.Count);
                    await Coroutine.YieldAsync();
                }
            },
            Options);
        Assert.Equal(2, _reports.Count);
    }

    [Fact]
    public void A_loop_that_sleeps_is_not_blocked()
    {
        Loops.Run(async () => await Coroutine.SleepAsync(Milliseconds(100)), Options);
        Assert.Empty(_reports);
    }

    [Fact]
    public void A_guest_that_leaves_the_thread_to_its_host_is_not_blocked()
    {
        using var pump = new Loop.MessagePump();
        GuestLoop guest = pump.CallAsync(() => GuestLoop.Start(pump.Post, Options)).Result;
        pump.CallAsync(() =>
        {
            Thread.Sleep(100);
            return true;
        }).Wait(TestContext.Current.CancellationToken);
        Assert.Empty(_reports);
        Assert.True(guest.Loop.StopAsync().Wait(TimeSpan.FromSeconds(20)));
        Assert.True(guest.WhenEnded().Wait(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void A_loop_that_starts_when_the_watchdog_watches_nobody_is_watched()
    {
        for (int i = 0; i < 20; i++)
        {
            Loops.Run(
                async () =>
                {
                    await Coroutine.YieldAsync();
                    SpinUntilReported();
                },
                Options);
            _reported.Reset();
        }
    }
}
