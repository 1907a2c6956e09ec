namespace Drover.Server.Supervision;

/// <summary>Where a dependency stands. A closed choice.</summary>
internal abstract record Verdict
{
    private Verdict()
    {
    }

    /// <summary>It may still be met.</summary>
    /// <param name="For">What it waits for, in words.</param>
    internal sealed record Open(string For) : Verdict;

    /// <summary>It is met.</summary>
    internal sealed record Met : Verdict;

    /// <summary>It cannot be met any more.</summary>
    /// <param name="Why">Why not, in words.</param>
    internal sealed record Unmet(string Why) : Verdict;
}
