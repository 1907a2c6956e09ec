using Drover.Coroutines;

namespace Drover.Bench.Runtime.Cases.Drover;

internal static class ExecutorCases
{
    public static Task<Measurement> HeartbeatAsync() => TaskGroup.RunAsync(async group =>
    {
        var heartbeat = new Heartbeat();
        var beating = group.Start(() => heartbeat.BeatAsync(time => Coroutine.SleepAsync(time).AsTask()));
        await OnEachProcessorAsync(static () => { }); // The first call compiles the way there.
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(500));
        heartbeat.StartCounting();
        await OnEachProcessorAsync(BusyWork.Run);
        heartbeat.Stop();
        return await beating.JoinAsync();
    });

    private static Task OnEachProcessorAsync(Action work) => Blocking.MapAsync(
        Enumerable.Range(0, Environment.ProcessorCount),
        _ =>
        {
            work();
            return true;
        });
}
