namespace Drover.Server.Storage;

/// <summary>An array with what has become of its jobs.</summary>
/// <param name="Array">The array.</param>
/// <param name="Counts">How many are how far.</param>
/// <param name="FirstFailure">The first of those that ended otherwise than with code 0.</param>
internal sealed record ArrayStanding(ArrayRow Array, ArrayCounts Counts, ArrayFailure? FirstFailure)
{
    /// <summary>The highest exit code of those that have ended.</summary>
    internal int ExitCode { get; init; }

    /// <summary>Whether all its jobs have ended.</summary>
    internal bool IsOver => Counts.Ended == Array.Count;
}

/// <summary>A job of an array that ended otherwise than with code 0.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Ending">How it ended.</param>
internal sealed record ArrayFailure(int Index, Ending Ending);
