using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Drover.Coroutines.Tests.Diagnostics;

public sealed class MetersTests
{
    [Fact]
    public void The_meter_counts_coroutines_timers_what_is_ready_and_what_is_outside() => Loops.Run(
        async () =>
        {
            var measured = new Dictionary<string, int>();
            using var listener = new MeterListener();
            listener.InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == "Drover.Coroutines")
                {
                    l.EnableMeasurementEvents(instrument);
                }
            };
            listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) =>
            {
                foreach (KeyValuePair<string, object?> tag in tags)
                {
                    if (tag is { Key: "loop", Value: "metered" })
                    {
                        measured[instrument.Name] = value;
                    }
                }
            });
            listener.Start();
            var outside = new TaskCompletionSource();
            await TaskGroup.RunAsync(async group =>
            {
                group.Start(async () => await Coroutine.SleepAsync(Hours(1)));
                group.Start(async () => await Coroutine.SleepAsync(Hours(1)));
                group.Start(async () => await outside.Task);
                await Coroutine.YieldAsync();
                group.Start(() => Task.CompletedTask);
                listener.RecordObservableInstruments();
                outside.SetResult();
                group.Cancel("seen");
            });
            Assert.Equal(5, measured["drover.loop.coroutines"]);
            Assert.Equal(2, measured["drover.loop.timers"]);
            Assert.Equal(1, measured["drover.loop.ready"]);
            Assert.Equal(1, measured["drover.loop.outside"]);

            measured.Clear();
            listener.RecordObservableInstruments();
            Assert.Equal(1, measured["drover.loop.coroutines"]);
            Assert.Equal(0, measured["drover.loop.timers"]);
        },
        Loops.RealTime with { Name = "metered" });

    [Fact]
    public void Step_times_are_measured_while_somebody_listens()
    {
        var steps = new ConcurrentQueue<double>();
        using (var listener = new MeterListener())
        {
            listener.InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Name == "drover.loop.step.duration")
                {
                    l.EnableMeasurementEvents(instrument);
                }
            };
            listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
            {
                if (tags[0].Value is "metered steps")
                {
                    steps.Enqueue(value);
                }
            });
            listener.Start();
            Run();
        }

        int count = steps.Count;
        Assert.InRange(count, 10, 30);
        Assert.All(steps, duration => Assert.True(duration >= 0));
        Run();
        Assert.Equal(count, steps.Count);

        static void Run() => Loops.Run(
            async () =>
            {
                for (int i = 0; i < 10; i++)
                {
                    await Coroutine.YieldAsync();
                }
            },
            Loops.RealTime with { Name = "metered steps" });
    }

    [Fact]
    public void A_loop_that_has_ended_is_measured_no_more()
    {
        Loops.Run(() => Task.CompletedTask, Loops.RealTime with { Name = "over" });
        bool isMeasured = false;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "drover.loop.coroutines")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((_, _, tags, _) => isMeasured |= tags[0].Value is "over");
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.False(isMeasured);
    }
}
