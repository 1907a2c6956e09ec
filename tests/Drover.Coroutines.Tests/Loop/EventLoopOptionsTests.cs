using System.Collections.Concurrent;

namespace Drover.Coroutines.Tests.Loop;

public sealed class EventLoopOptionsTests
{
    /// <summary>Options that say nothing sensible.</summary>
    public static TheoryData<string> Senseless => new(s_senseless.Keys);

    private static readonly Dictionary<string, EventLoopOptions> s_senseless = new()
    {
        ["blocked after no time"] = new() { BlockedAfter = TimeSpan.Zero },
        ["blocked after less than no time"] = new() { BlockedAfter = Seconds(-1) },
        ["stalled after no time"] = new() { StalledAfter = TimeSpan.Zero },
        ["stalled after less than no time"] = new() { StalledAfter = Seconds(-1) },
    };

    [Theory]
    [MemberData(nameof(Senseless))]
    public void Run_refuses_a_time_that_is_none_and_runs_nothing(string options)
    {
        bool ran = false;
        Assert.Throws<ArgumentOutOfRangeException>(() => Loops.OnThread(() => EventLoop.Run(
            () =>
            {
                ran = true;
                return Task.FromResult(1);
            },
            s_senseless[options])));
        Assert.False(ran);
    }

    [Theory]
    [MemberData(nameof(Senseless))]
    public async Task Start_refuses_a_time_that_is_none(string options)
    {
        EventLoop? loop = null;
        Exception? error = Record.Exception(() => loop = EventLoop.Start(s_senseless[options]));
        await (loop?.StopAsync() ?? Task.CompletedTask);
        Assert.IsType<ArgumentOutOfRangeException>(error);
    }

    [Fact]
    public void After_a_refusal_the_thread_may_run_a_loop() => Assert.Equal(1, Loops.OnThread(() =>
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => EventLoop.Run(() => Task.CompletedTask, new EventLoopOptions { BlockedAfter = TimeSpan.Zero }));
        return EventLoop.Run(() => Task.FromResult(1));
    }));

    [Fact]
    public void The_watchdog_outlives_a_loop_that_is_blocked_only_after_a_year()
    {
        Loops.Run(async () => await Coroutine.SleepAsync(Milliseconds(20)), Loops.RealTime with { BlockedAfter = TimeSpan.FromDays(365) });
        var reports = new ConcurrentQueue<LoopReport>();
        Loops.Run(
            () =>
            {
                SpinWait.SpinUntil(() => !reports.IsEmpty, Seconds(20));
                return Task.CompletedTask;
            },
            Loops.RealTime with { BlockedAfter = Milliseconds(20), OnReport = reports.Enqueue });
        Assert.Contains(reports, static report => report is LoopReport.Blocked);
    }

    [Fact]
    public void A_loop_that_is_blocked_only_after_the_longest_time_there_is_is_never_reported() => Loops.Run(
        async () =>
        {
            using var isReported = new ManualResetEventSlim();
            await using EventLoop other = EventLoop.Start(Loops.RealTime with
            {
                Name = "blocked soon",
                BlockedAfter = Milliseconds(20),
                OnReport = _ => isReported.Set(),
            });
            Task blocked = other.InvokeAsync(() => SpinWait.SpinUntil(() => isReported.IsSet, Seconds(20)));
            SpinWait.SpinUntil(() => isReported.IsSet, Seconds(20)); // Meanwhile the watchdog has looked here as often as there.
            Assert.True(isReported.IsSet);
            await blocked;
        },
        Loops.RealTime with { BlockedAfter = TimeSpan.MaxValue });
}
