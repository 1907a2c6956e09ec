namespace Drover.Coroutines.Tests.Executors;

public sealed class BlockingActionTests
{
    [Fact]
    public void Work_without_a_value_ends_early_by_the_token_of_the_scope()
    {
        Outcome outcome = EventLoop.Run(async () => await CancelScope.RunAsync(async scope =>
        {
            await Blocking.RunAsync(canceled =>
            {
                scope.Cancel("from the other thread");
                canceled.WaitHandle.WaitOne();
                canceled.ThrowIfCancellationRequested();
            });
        }));

        Assert.IsType<CancelReason.Requested>(outcome.Reason);
    }
}
