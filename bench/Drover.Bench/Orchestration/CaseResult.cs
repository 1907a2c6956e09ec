namespace Drover.Bench.Orchestration;

/// <summary>What one peer made of one case.</summary>
internal abstract record CaseResult
{
    private CaseResult()
    {
    }

    /// <summary>A value, and what has to be known to read it rightly.</summary>
    public sealed record Measured(double Value, string? Note = null) : CaseResult;

    /// <summary>The case has no meaning for the peer.</summary>
    public sealed record Unsupported : CaseResult;

    public sealed record Failed(string Reason) : CaseResult;

    /// <summary>The median of the repetitions, unless one of them found no value: then that.</summary>
    public static CaseResult Summarize(IReadOnlyList<CaseResult> repetitions)
    {
        var measured = repetitions.OfType<Measured>().OrderBy(each => each.Value).ToList();
        if (measured.Count < repetitions.Count)
        {
            return repetitions.First(each => each is not Measured);
        }

        var upper = measured[measured.Count / 2];
        var lower = measured[(measured.Count - 1) / 2];
        return upper with { Value = (lower.Value + upper.Value) / 2 };
    }
}
