namespace Drover.Protocol.Jobs;

/// <summary>One try at running a job. Each has its own log and its own ending.</summary>
public sealed record AttemptInfo
{
    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required JobState State { get; init; }

    /// <summary>The agent that it was sent to.</summary>
    public string? Agent { get; init; }

    /// <summary>The number of its first process.</summary>
    public int? ProcessId { get; init; }

    /// <summary>When its process started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>How it ended, once it has.</summary>
    public AttemptEnd? End { get; init; }
}
