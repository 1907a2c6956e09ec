namespace Drover.Coroutines.Tests.Loop;

public sealed class RunReportTests
{
    private readonly List<LoopReport> _reports = [];

    [Fact]
    public void A_failure_that_Run_throws_is_not_reported_too()
    {
        Assert.Throws<InvalidDataException>(() => Run(() => throw new InvalidDataException("from main")));

        Assert.Empty(_reports);
    }

    [Fact]
    public void A_cancellation_that_Run_throws_is_not_reported_too()
    {
        Assert.Throws<OperationCanceledException>(() => Run(() => throw new OperationCanceledException("of its own")));

        Assert.Empty(_reports);
    }

    [Fact]
    public void A_failure_after_a_deadlock_is_reported_because_Run_throws_the_deadlock()
    {
        Assert.Throws<DeadlockException>(() => Run(async () =>
        {
            try
            {
                await new Event("never").WaitAsync();
            }
            finally
            {
                Fail();
            }
        }));

        LoopReport.ChildFailed report = Assert.IsType<LoopReport.ChildFailed>(Assert.Single(_reports));
        Assert.Equal("from the clean-up", report.Error.Message);
    }

    private static void Fail() => throw new InvalidDataException("from the clean-up");

    private void Run(Func<Task> main) => EventLoop.Run(main, new EventLoopOptions { OnReport = _reports.Add });
}
