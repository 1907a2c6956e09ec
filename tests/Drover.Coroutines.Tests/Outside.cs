namespace Drover.Coroutines.Tests;

/// <summary>What a loop cannot know of: another thread that acts when the loop has nothing left to do.</summary>
internal static class Outside
{
    /// <summary>Completes, on another thread, once the loop of the calling code sleeps.</summary>
    internal static Task NewsAsync()
    {
        EventLoop loop = EventLoop.Current;
        return Task.Factory.StartNew(
            () => SpinWait.SpinUntil(() => loop.IsAsleep, Seconds(10)),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }
}
