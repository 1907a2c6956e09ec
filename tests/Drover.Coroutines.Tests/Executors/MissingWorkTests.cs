namespace Drover.Coroutines.Tests.Executors;

public sealed class MissingWorkTests
{
    [Fact]
    public void Missing_work_is_refused_at_the_call() => Loops.RunInRealTime(() =>
    {
        Assert.Throws<ArgumentNullException>(() => { _ = Blocking.RunAsync((Func<int>)null!).AsTask(); });
        Assert.Throws<ArgumentNullException>(() => { _ = Blocking.RunAsync((Action)null!).AsTask(); });
        Assert.Throws<ArgumentNullException>(() => { _ = Blocking.RunAsync((Func<CancellationToken, int>)null!).AsTask(); });
        Assert.Throws<ArgumentNullException>(() => { _ = Blocking.RunAsync((Action<CancellationToken>)null!).AsTask(); });
        Assert.Throws<ArgumentNullException>(() => { _ = Blocking.MapAsync((int[])[1], (Func<int, int>)null!); });
        return Task.CompletedTask;
    });
}
