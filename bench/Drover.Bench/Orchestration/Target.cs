using System.Diagnostics;

namespace Drover.Bench.Orchestration;

/// <summary>What drover has to reach in a metric, by itself or beside a peer of the same run. A closed choice.</summary>
/// <param name="Metric">The metric's name.</param>
internal abstract record Target(string Metric)
{
    /// <summary>For a metric of which less is better.</summary>
    public sealed record AtMost(string Metric, double Bound) : Target(Metric);

    /// <summary>For a metric of which more is better.</summary>
    public sealed record AtLeast(string Metric, double Bound) : Target(Metric);

    /// <summary>Drover's value divided by the peer's, for a metric of which more is better.</summary>
    public sealed record AtLeastShareOf(string Metric, string Peer, double Share) : Target(Metric);

    /// <summary>More than the peer, for a metric of which more is better.</summary>
    public sealed record Above(string Metric, string Peer) : Target(Metric);

    /// <summary>Whether it was met. Null when this run did not measure the metric.</summary>
    public TargetVerdict? Judge(IReadOnlyList<CaseRow> rows)
    {
        if (rows.FirstOrDefault(row => row.Metric.Name == Metric) is not { } row)
        {
            return null;
        }

        return this switch
        {
            AtMost target => Judged($"≤ {target.Bound:#,0.##} {row.Metric.Unit}", row.ValueOf(Peer.Reference), found => found <= target.Bound),
            AtLeast target => Judged($"≥ {target.Bound:#,0.##} {row.Metric.Unit}", row.ValueOf(Peer.Reference), found => found >= target.Bound),
            AtLeastShareOf target => Judged($"≥ {target.Share:P0} of {target.Peer}", RatioTo(target.Peer), found => found >= target.Share),
            Above target => Judged($"above {target.Peer}", RatioTo(target.Peer), found => found > 1),
            _ => throw new UnreachableException(),
        };

        double? RatioTo(string peer) => row.ValueOf(Peer.Reference) / row.ValueOf(peer);

        TargetVerdict Judged(string mustReach, double? found, Func<double, bool> isMet) => new(
            row.Metric, mustReach, found, IsRatio: this is not (AtMost or AtLeast), found is { } value ? isMet(value) : null);
    }
}
