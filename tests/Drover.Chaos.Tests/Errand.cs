namespace Drover.Chaos.Tests;

/// <summary>A job that is to be submitted, and what becomes of it.</summary>
internal sealed record Errand
{
    /// <summary>How many jobs an array has.</summary>
    internal const int ArrayLength = 6;

    /// <summary>The name of the job, which no other has.</summary>
    internal required string Name { get; init; }

    internal required JobKind Kind { get; init; }

    internal required JobSpec Spec { get; init; }

    /// <summary>When it is submitted, as a part of the whole time.</summary>
    internal required double At { get; init; }

    /// <summary>How long after its submit it is canceled; null when it is not.</summary>
    internal TimeSpan? CancelAfter { get; init; }

    /// <summary>Whether its output is followed while it runs.</summary>
    internal bool IsFollowed { get; init; }

    /// <summary>The one that it comes after.</summary>
    internal Errand? After { get; init; }

    /// <summary>The code that it exits with.</summary>
    internal int Code { get; init; }

    /// <summary>How often it writes a thousand lines.</summary>
    internal int Pages { get; init; }
}
