namespace Drover.Server.Storage;

/// <summary>How many jobs of an array are at which stage of their life.</summary>
/// <param name="Queued">Wait.</param>
/// <param name="Running">Start or run.</param>
/// <param name="Unknown">Are out of sight.</param>
/// <param name="Succeeded">Exited with code 0.</param>
/// <param name="Failed">Ended otherwise.</param>
internal readonly record struct ArrayCounts(int Queued, int Running, int Unknown, int Succeeded, int Failed)
{
    /// <summary>How many have ended.</summary>
    internal int Ended => Succeeded + Failed;

    /// <summary>The same with so many more in a state.</summary>
    /// <param name="state">Which.</param>
    /// <param name="isSuccess">Of those that have ended: whether they exited with code 0.</param>
    /// <param name="count">How many; negative takes away.</param>
    internal ArrayCounts Plus(JobState state, bool isSuccess, int count) => state switch
    {
        JobState.Queued => this with { Queued = Queued + count },
        JobState.Starting or JobState.Running => this with { Running = Running + count },
        JobState.Unknown => this with { Unknown = Unknown + count },
        _ when isSuccess => this with { Succeeded = Succeeded + count },
        _ => this with { Failed = Failed + count },
    };
}
