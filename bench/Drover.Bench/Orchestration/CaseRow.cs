namespace Drover.Bench.Orchestration;

/// <summary>One metric with what each peer made of it.</summary>
internal sealed record CaseRow(Metric Metric, IReadOnlyDictionary<string, CaseResult> Results)
{
    public double? ValueOf(string peer) => (Results.GetValueOrDefault(peer) as CaseResult.Measured)?.Value;
}
