using Drover.Bench.Orchestration;

namespace Drover.Bench.Jobs;

/// <summary>What one run of a case found, by metric of <see cref="JobsSuite"/>.</summary>
internal sealed record Figures(IReadOnlyDictionary<string, double> Values, string? Note = null)
{
    public static Figures Of(params ReadOnlySpan<(string Metric, double Value)> values)
    {
        var byMetric = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (metric, value) in values)
        {
            byMetric.Add(metric, value);
        }

        return new Figures(byMetric);
    }

    public static Figures Throughput(int jobs, TimeSpan time) => Of(("throughput", jobs / time.TotalSeconds));

    /// <param name="name">What the names of the two metrics begin with.</param>
    /// <param name="milliseconds">The samples.</param>
    public static Figures Latency(string name, double[] milliseconds) => Of(
        ($"{name}-p50-ms", Quantile.Of(milliseconds, 0.50)),
        ($"{name}-p99-ms", Quantile.Of(milliseconds, 0.99)));
}
