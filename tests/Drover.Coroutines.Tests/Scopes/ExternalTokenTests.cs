namespace Drover.Coroutines.Tests.Scopes;

public sealed class ExternalTokenTests
{
    [Fact]
    public void A_token_that_is_canceled_already_cancels_the_scope() => EventLoop.Run(async () =>
    {
        Outcome outcome = await CancelScope.RunAsync(
            async _ => await Coroutine.SleepAsync(TimeSpan.FromSeconds(1)), cancellationToken: new CancellationToken(canceled: true));
        Assert.True(outcome.IsCanceled);
    });
}
