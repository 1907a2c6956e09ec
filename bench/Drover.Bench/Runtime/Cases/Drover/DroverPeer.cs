using Drover.Coroutines;

namespace Drover.Bench.Runtime.Cases.Drover;

/// <summary>Drover.Coroutines itself: each case runs on an event loop on the calling thread.</summary>
internal static class DroverPeer
{
    public static PeerProgram Program { get; } = new(
        new Dictionary<string, Func<Task<Measurement>>>(StringComparer.Ordinal)
        {
            ["switch"] = OnLoop(SchedulingCases.SwitchAsync),
            ["spawn-join"] = OnLoop(SchedulingCases.SpawnJoinAsync),
            ["channel-1"] = OnLoop(() => SchedulingCases.ChannelAsync(capacity: 1)),
            ["channel-64"] = OnLoop(() => SchedulingCases.ChannelAsync(capacity: 64)),
            ["scope"] = OnLoop(SchedulingCases.ScopeAsync),
            ["sleepers-bytes"] = OnLoop(SleeperCases.BytesAsync),
            ["sleepers-peak-mb"] = OnLoop(SleeperCases.PeakAsync),
            ["timer-add-cancel"] = OnLoop(TimerCases.AddCancelAsync),
            ["timer-late-p50-ms"] = OnLoop(() => TimerCases.LateAsync(quantile: 0.50)),
            ["timer-late-p99-ms"] = OnLoop(() => TimerCases.LateAsync(quantile: 0.99)),
            ["cancel-100k-ms"] = OnLoop(CancellationCases.CancelAsync),
            ["cancel-100k-outcome-ms"] = OnLoop(CancellationCases.CancelOutcomeAsync),
            ["cancel-heartbeat-late-ms"] = OnLoop(CancellationCases.HeartbeatAsync),
            ["executor-heartbeat-late-ms"] = OnLoop(ExecutorCases.HeartbeatAsync),
        },
        EchoServer.RunAsync);

    private static Func<Task<Measurement>> OnLoop(Func<Task<Measurement>> measure) => () => Task.FromResult(EventLoop.Run(measure));
}
