using Drover.Coroutines;

namespace Drover.Bench.Cases.Drover;

internal static class ExecutorCases
{
    public static Task<Measurement> HeartbeatAsync() => TaskGroup.RunAsync(async group =>
    {
        var heartbeat = new Heartbeat();
        var beating = group.Start(() => heartbeat.BeatAsync(time => Coroutine.SleepAsync(time).AsTask()));
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(500));
        heartbeat.StartCounting();
        await Blocking.MapAsync(
            Enumerable.Range(0, Environment.ProcessorCount),
            _ =>
            {
                BusyWork.Run();
                return true;
            });
        heartbeat.Stop();
        return await beating.JoinAsync();
    });
}
