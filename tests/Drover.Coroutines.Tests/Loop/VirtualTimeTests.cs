using System.Diagnostics;
using Drover.Coroutines.Testing;

namespace Drover.Coroutines.Tests.Loop;

public sealed class VirtualTimeTests
{
    [Fact]
    public void A_day_of_sleeping_takes_no_time()
    {
        var watch = Stopwatch.StartNew();
        Loops.Run(async () =>
        {
            DateTimeOffset begun = EventLoop.Current.Time.GetUtcNow();
            Assert.Equal(Schedules.Beginning, begun);
            for (int minute = 0; minute < 24 * 60; minute++)
            {
                await Coroutine.SleepAsync(TimeSpan.FromMinutes(1));
            }

            Assert.Equal(TimeSpan.FromDays(1), EventLoop.Current.Time.GetUtcNow() - begun);
        });
        Assert.True(watch.Elapsed < TimeSpan.FromHours(1), "A day passed for real.");
    }

    [Fact]
    public void Time_jumps_to_the_next_timer_and_no_further() => Loops.Run(async () =>
    {
        long begun = EventLoop.Current.Time.GetTimestamp();
        var woken = new List<TimeSpan>();
        await TaskGroup.RunAsync(group =>
        {
            foreach (int seconds in new[] { 3, 1, 2, 1 })
            {
                group.Start(async () =>
                {
                    await Coroutine.SleepAsync(Seconds(seconds));
                    woken.Add(EventLoop.Current.Time.GetElapsedTime(begun));
                });
            }

            return Task.CompletedTask;
        });
        Assert.Equal([Seconds(1), Seconds(1), Seconds(2), Seconds(3)], woken);
    });

    [Fact]
    public void A_clock_that_is_turned_moves_no_timer() => Loops.Run(async () =>
    {
        TimeProvider time = EventLoop.Current.Time;
        (long begun, DateTimeOffset from) = (time.GetTimestamp(), time.GetUtcNow());
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(() => Coroutine.SleepAsync(Seconds(10)).AsTask());
            await Coroutine.SleepAsync(Seconds(1));
            Schedules.TurnClock(TimeSpan.FromDays(1));
            Schedules.TurnClock(TimeSpan.FromDays(-3));
        });
        Assert.Equal(Seconds(10), time.GetElapsedTime(begun));
        Assert.Equal(from + Seconds(10) - TimeSpan.FromDays(2), time.GetUtcNow());
    });

    [Fact]
    public void The_clock_of_the_machine_cannot_be_turned() => EventLoop.Run(() =>
    {
        Assert.Throws<InvalidOperationException>(() => Schedules.TurnClock(TimeSpan.FromSeconds(1)));
        return Task.CompletedTask;
    });

    [Fact]
    public void Time_stands_still_while_something_is_ready() => Loops.Run(async () =>
    {
        bool slept = false;
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromTicks(1));
                slept = true;
            });
            for (int i = 0; i < 1000; i++)
            {
                await Coroutine.YieldAsync();
                Assert.False(slept);
            }
        });
        Assert.True(slept);
    });

    [Fact]
    public void Time_stands_still_while_another_thread_works() => Loops.Run(async () =>
    {
        bool slept = false;
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () =>
            {
                await Coroutine.SleepAsync(Seconds(1));
                slept = true;
            });
            await Blocking.RunAsync(static () => Thread.Sleep(20));
            Assert.False(slept);
            await Task.Run(static () => Thread.Sleep(20));
            Assert.False(slept);
        });
        Assert.True(slept);
    });

    [Fact]
    public void A_time_limit_on_something_outside_does_not_pass_meanwhile() => Loops.Run(async () =>
    {
        await Task.Run(static () => Thread.Sleep(20)).WaitAsync(Seconds(1), EventLoop.Current.Time);
        Outcome outcome = await CancelScope.MoveOnAfterAsync(Seconds(1), () => Task.Run(static () => Thread.Sleep(20)));
        Assert.True(outcome.IsDone);
    });

    [Fact]
    public void What_never_comes_from_outside_is_reported_as_a_deadlock_with_the_tree()
    {
        DeadlockException error = Loops.Deadlock(
            async () =>
            {
                Coroutine.Current.Situation = "waiting for Godot";
                await new TaskCompletionSource().Task;
            },
            Loops.VirtualTime with { StalledAfter = Milliseconds(50) });
        Assert.Contains("nothing came from outside for 50 ms", error.Message, StringComparison.Ordinal);
        Assert.Contains("waiting for Godot", error.Tree, StringComparison.Ordinal);
    }

    [Fact]
    public void The_frameworks_delays_and_timeouts_take_virtual_time_too() => Loops.Run(async () =>
    {
        TimeProvider time = EventLoop.Current.Time;
        long begun = time.GetTimestamp();
        await Task.Delay(Hours(1), time);
        Assert.Equal(Hours(1), time.GetElapsedTime(begun));

        using var source = new CancellationTokenSource(Hours(1), time);
        Outcome canceled = await CancelScope.RunAsync(
            async _ => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan), cancellationToken: source.Token);
        Assert.True(canceled.IsCanceled);
        Assert.Equal(Hours(2), time.GetElapsedTime(begun));

        await Assert.ThrowsAsync<TimeoutException>(() => Task.Delay(Hours(2), time).WaitAsync(Hours(1), time));
        Assert.Equal(Hours(3), time.GetElapsedTime(begun));

        Outcome outcome = await CancelScope.MoveOnAfterAsync(Hours(1), () => Task.Delay(Hours(2), time, CancelScope.Current.Token));
        Assert.IsType<CancelReason.Deadline>(outcome.Reason);
        Assert.Equal(Hours(4), time.GetElapsedTime(begun));
    });

    [Fact]
    public void A_delay_beside_a_channel_takes_virtual_time() => Loops.Run(async () =>
    {
        var channel = new Channel<int>(1);
        Task first = await Task.WhenAny(Task.Delay(Hours(1), EventLoop.Current.Time), channel.ReceiveAsync().AsTask());
        Assert.True(first.IsCompletedSuccessfully);
    });
}
