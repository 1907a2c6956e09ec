namespace Drover.Bench.Runtime.Cases.Bcl;

/// <summary>What .NET gives without Drover: tasks on the thread pool, channels, cancellation tokens, timers.</summary>
internal static class BclPeer
{
    public static PeerProgram Program { get; } = new(
        new Dictionary<string, Func<Task<Measurement>>>(StringComparer.Ordinal)
        {
            ["switch"] = SchedulingCases.SwitchAsync,
            ["spawn-join"] = SchedulingCases.SpawnJoinAsync,
            ["channel-1"] = () => SchedulingCases.ChannelAsync(capacity: 1),
            ["channel-64"] = () => SchedulingCases.ChannelAsync(capacity: 64),
            ["scope"] = SchedulingCases.ScopeAsync,
            ["sleepers-bytes"] = SleeperCases.BytesAsync,
            ["sleepers-peak-mb"] = SleeperCases.PeakAsync,
            ["timer-add-cancel"] = TimerCases.AddCancelAsync,
            ["timer-late-p50-ms"] = () => TimerCases.LateAsync(quantile: 0.50),
            ["timer-late-p99-ms"] = () => TimerCases.LateAsync(quantile: 0.99),
            ["cancel-100k-ms"] = CancellationCases.CancelAsync,
            ["cancel-100k-outcome-ms"] = CancellationCases.CancelOutcomeAsync,
            ["cancel-heartbeat-late-ms"] = CancellationCases.HeartbeatAsync,
            ["executor-heartbeat-late-ms"] = ExecutorCases.HeartbeatAsync,
        },
        EchoServer.RunAsync);
}
