namespace Drover.Cli.Completions;

/// <summary>A word that can stand where the cursor is.</summary>
/// <param name="Word">The word.</param>
/// <param name="About">What it is; empty when there is nothing to say.</param>
internal readonly record struct Candidate(string Word, string About = "");
