namespace Drover.Bench.Runtime;

/// <summary>One case with what each peer made of it.</summary>
internal sealed record CaseRow(BenchmarkCase Case, IReadOnlyDictionary<string, CaseResult> Results);
