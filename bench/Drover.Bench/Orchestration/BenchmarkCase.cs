namespace Drover.Bench.Orchestration;

/// <summary>Something that is measured. <c>bench/README.md</c> says what each case does.</summary>
/// <param name="Name">The name that every peer knows the case by.</param>
/// <param name="Repetitions">How many processes measure it for each peer; the median counts.</param>
/// <param name="Metrics">The figures that it finds.</param>
internal sealed record BenchmarkCase(string Name, int Repetitions, params IReadOnlyList<Metric> Metrics)
{
    /// <summary>How long one repetition may take.</summary>
    public TimeSpan Limit { get; init; } = ChildProcess.UsualLimit;

    /// <summary>How it is measured, when the peer does not measure itself; null when it has no meaning for the peer.</summary>
    public Func<Peer, Task<PeerReport?>>? MeasureAsync { get; init; }
}
