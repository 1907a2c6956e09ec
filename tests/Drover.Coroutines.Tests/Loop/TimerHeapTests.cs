using FsCheck;
using FsCheck.Fluent;

namespace Drover.Coroutines.Tests.Loop;

public sealed class TimerHeapTests
{
    /// <summary>A program over the heap against a sorted list: positive numbers add, the others remove the one at that place.</summary>
    [Fact]
    public void It_gives_timers_by_deadline_and_then_by_order_of_setting() => Prop.ForAll<int[]>(program =>
    {
        var heap = new TimerHeap();
        var model = new List<Timer>();
        foreach (int step in program)
        {
            if (step > 0)
            {
                var timer = new Timer(step % 8);
                heap.Add(timer, timer.Deadline);
                int place = model.FindLastIndex(t => t.Deadline <= timer.Deadline) + 1;
                model.Insert(place, timer);
            }
            else if (model.Count > 0 && step % 3 != 0)
            {
                Timer timer = model[-step % model.Count];
                model.Remove(timer);
                heap.Remove(timer);
                Assert.False(timer.IsSet);
                heap.Remove(timer);
            }
            else if (model.Count > 0)
            {
                Assert.Equal(model[0].Deadline, heap.Earliest);
                Assert.Same(model[0], heap.RemoveEarliest());
                model.RemoveAt(0);
            }

            Assert.Equal(model.Count, heap.Count);
            Assert.All(model, timer => Assert.Equal(timer.Deadline, heap.DeadlineOf(timer)));
        }

        foreach (Timer expected in model)
        {
            Assert.Same(expected, heap.RemoveEarliest());
        }

        Assert.Equal(Durations.Never, heap.Earliest);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(200));

    private sealed class Timer(long deadline) : LoopTimer
    {
        internal long Deadline { get; } = deadline;

        internal override void Fire() => Assert.Fail("Nobody fires it here.");
    }
}
