namespace Drover.Cli.Completions;

/// <summary>What can stand where the cursor is.</summary>
internal sealed record Completion
{
    /// <summary>The words, those that do not fit included: the shell compares them with what is typed.</summary>
    public IReadOnlyList<Candidate> Candidates { get; init; } = [];

    /// <summary>What the shell itself completes beside them.</summary>
    public PathKind Paths { get; init; }

    /// <summary>Whether the cursor stays behind a word that was completed, because it goes on.</summary>
    public bool GoesOn { get; init; }
}
