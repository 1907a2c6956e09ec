namespace Drover.Coroutines.Tests.Loop;

public sealed class TimeProviderTests
{
    [Fact]
    public void A_timer_fires_on_the_loops_thread_once_or_each_period() => Loops.Run(async () =>
    {
        TimeProvider time = EventLoop.Current.Time;
        int thread = Environment.CurrentManagedThreadId;
        long begun = time.GetTimestamp();
        var fired = new List<TimeSpan>();
        using ITimer timer = time.CreateTimer(
            _ =>
            {
                Assert.Equal(thread, Environment.CurrentManagedThreadId);
                Assert.Null(SynchronizationContext.Current);
                fired.Add(time.GetElapsedTime(begun));
            },
            null,
            Seconds(1),
            Seconds(2));
        await Coroutine.SleepAsync(Seconds(6));
        Assert.Equal([Seconds(1), Seconds(3), Seconds(5)], fired);

        Assert.True(timer.Change(Seconds(1), Timeout.InfiniteTimeSpan));
        await Coroutine.SleepAsync(Seconds(10));
        Assert.Equal(Seconds(7), fired[^1]);
        Assert.Equal(4, fired.Count);
    });

    [Fact]
    public void A_disposed_timer_does_not_fire() => Loops.Run(async () =>
    {
        int fired = 0;
        ITimer timer = EventLoop.Current.Time.CreateTimer(_ => fired++, null, Seconds(1), Seconds(1));
        await Coroutine.SleepAsync(Seconds(1.5));
        await timer.DisposeAsync();
        timer.Dispose();
        Assert.False(timer.Change(Seconds(1), Seconds(1)));
        await Coroutine.SleepAsync(Seconds(5));
        Assert.Equal(1, fired);
    });

    [Fact]
    public void A_callback_that_throws_is_reported_and_the_loop_goes_on()
    {
        IReadOnlyList<LoopReport> reports = Loops.Reports(async () =>
        {
            using ITimer timer = EventLoop.Current.Time.CreateTimer(
                static _ => throw new InvalidDataException("bad"), null, Seconds(1), Timeout.InfiniteTimeSpan);
            await Coroutine.SleepAsync(Seconds(2));
        });
        Assert.IsType<InvalidDataException>(Assert.IsType<LoopReport.CallbackFailed>(Assert.Single(reports)).Error);
    }

    [Fact]
    public void Timers_may_be_set_from_other_threads() => Loops.RunInRealTime(async () =>
    {
        EventLoop loop = EventLoop.Current;
        int thread = Environment.CurrentManagedThreadId;
        var fired = new TaskCompletionSource<int>();
        using ITimer timer = await Task.Run(() => loop.Time.CreateTimer(
            _ => fired.TrySetResult(Environment.CurrentManagedThreadId), null, Milliseconds(1), Timeout.InfiniteTimeSpan));
        Assert.Equal(thread, await fired.Task);
    });

    [Fact]
    public void Time_goes_on_with_the_machine_otherwise() => Loops.RunInRealTime(async () =>
    {
        TimeProvider time = EventLoop.Current.Time;
        Assert.Equal(TimeSpan.TicksPerSecond * 100, time.TimestampFrequency);
        long before = time.GetTimestamp();
        DateTimeOffset beforeUtc = DateTimeOffset.UtcNow;
        await Coroutine.SleepAsync(Milliseconds(5));
        Assert.True(time.GetElapsedTime(before) >= Milliseconds(5), "A sleep was too short.");
        Assert.True(time.GetUtcNow() >= beforeUtc);
    });

    [Fact]
    public void The_values_of_an_AsyncLocal_flow_into_a_timers_callback() => Loops.Run(async () =>
    {
        var local = new AsyncLocal<string?> { Value = "maker" };
        string? seen = null;
        using ITimer timer = EventLoop.Current.Time.CreateTimer(_ => seen = local.Value, null, Seconds(1), Timeout.InfiniteTimeSpan);
        local.Value = "changed";
        await Coroutine.SleepAsync(Seconds(2));
        Assert.Equal("maker", seen);
    });
}
