namespace Drover.Protocol.Jobs;

/// <summary>One line of the audit trail: a fact, who or what caused it, and what proves it.</summary>
public record JobEvent
{
    /// <summary>Its place in the audit trail of the whole server.</summary>
    public required long Sequence { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Which attempt of the job.</summary>
    public required int Attempt { get; init; }

    /// <summary>What happened.</summary>
    public required JobEventKind Kind { get; init; }

    /// <summary>The state afterwards.</summary>
    public required JobState State { get; init; }

    /// <summary>Who or what did it: a user, an agent, the server.</summary>
    public required string Actor { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public required string Cause { get; init; }

    /// <summary>What proves it, where there is more than the cause: a process number, the site's own words.</summary>
    public string? Evidence { get; init; }
}
