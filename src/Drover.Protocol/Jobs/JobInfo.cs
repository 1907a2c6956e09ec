namespace Drover.Protocol.Jobs;

/// <summary>A job as the server knows it at one moment.</summary>
public sealed record JobInfo
{
    /// <summary>Its number.</summary>
    public required JobId Id { get; init; }

    /// <summary>What the user calls it.</summary>
    public required string Name { get; init; }

    /// <summary>Whose it is.</summary>
    public required string User { get; init; }

    /// <summary>What was asked for.</summary>
    public required JobSpec Spec { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required JobState State { get; init; }

    /// <summary>What it waits for right now, in words a person can act on; null when it waits for nothing but its own end.</summary>
    public string? Situation { get; init; }

    /// <summary>How far it says it is.</summary>
    public Progress? Progress { get; init; }

    /// <summary>How it ended, once it has.</summary>
    public AttemptEnd? End { get; init; }

    /// <summary>How many attempts were begun; the last one is what the rest tells about.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>When its process started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The agent that has it, once one was chosen.</summary>
    public string? Agent { get; init; }

    /// <summary>The number of its first process at the site, once that is known.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Who asked to cancel it, once somebody did.</summary>
    public string? CancelRequestedBy { get; init; }

    /// <summary>Rises with every change of anything above but the situation. For waiting until something changes.</summary>
    public long Revision { get; init; }
}
