namespace Drover.Protocol.Jobs;

/// <summary>An array of jobs as the server knows it at one moment.</summary>
public sealed record ArrayInfo
{
    /// <summary>Its number, of the same series as those of jobs. A job of it is known as <c>17_3</c>, or by its own number.</summary>
    public required JobId Id { get; init; }

    /// <summary>What the user calls it.</summary>
    public required string Name { get; init; }

    /// <summary>Whose it is.</summary>
    public required string User { get; init; }

    /// <summary>What was asked for.</summary>
    public required ArraySpec Spec { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>How many jobs it has.</summary>
    public required int Count { get; init; }

    /// <summary>The number of its first job; the others follow in the order of their indices.</summary>
    public required JobId FirstJob { get; init; }

    /// <summary>How many of its jobs wait, also for their next attempt.</summary>
    public int Queued { get; init; }

    /// <summary>How many start or run.</summary>
    public int Running { get; init; }

    /// <summary>How many are out of sight for now.</summary>
    public int Unknown { get; init; }

    /// <summary>How many exited with code 0.</summary>
    public int Succeeded { get; init; }

    /// <summary>How many ended otherwise.</summary>
    public int Failed { get; init; }

    /// <summary>The highest exit code of those that have ended, as <see cref="Ending.ExitCode"/> tells it.</summary>
    public int ExitCode { get; init; }

    /// <summary>Whether all have ended.</summary>
    public bool IsOver { get; init; }

    /// <summary>What it waits for, in words a person can act on; null when it waits for nothing but its jobs' ends.</summary>
    public string? Situation { get; init; }
}
