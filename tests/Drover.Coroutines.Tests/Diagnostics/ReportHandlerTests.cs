using System.Collections.Concurrent;

namespace Drover.Coroutines.Tests.Diagnostics;

public sealed class ReportHandlerTests
{
    [Fact]
    public void A_handler_that_throws_does_not_end_the_loop()
    {
        int reports = 0;
        bool wentOn = false;
        Loops.Run(
            async () =>
            {
                await TaskGroup.SuperviseAsync(async group =>
                {
                    group.Start(static () => throw new InvalidDataException("a child"));
                    await Coroutine.SleepAsync(Seconds(1));
                });
                wentOn = true;
            },
            Loops.VirtualTime with
            {
                OnReport = _ =>
                {
                    reports++;
                    throw new InvalidOperationException("the handler");
                },
            });
        Assert.True(wentOn);
        Assert.Equal(1, reports);
    }

    [Fact]
    public void A_handler_that_throws_on_the_watchdogs_thread_ends_neither_it_nor_the_loop()
    {
        for (int round = 0; round < 2; round++)
        {
            var reports = new ConcurrentQueue<LoopReport>();
            Loops.Run(
                () =>
                {
                    SpinWait.SpinUntil(() => reports.Any(static report => report is LoopReport.Blocked), Seconds(20));
                    return Task.CompletedTask;
                },
                Loops.RealTime with
                {
                    BlockedAfter = Milliseconds(20),
                    OnReport = report =>
                    {
                        reports.Enqueue(report);
                        throw new InvalidOperationException("the handler");
                    },
                });
            Assert.Contains(reports, static report => report is LoopReport.Blocked);
        }
    }

    [Fact]
    public void A_handler_that_throws_at_a_deadlock_hides_nothing() => Assert.Throws<DeadlockException>(() => Loops.Run(
        static async () => await CancelScope.RunAsync(static async _ => await new Event("never").WaitAsync(), shield: true),
        Loops.RealTime with { OnReport = static _ => throw new InvalidOperationException("the handler") }));
}
