using System.Text.Json.Serialization;

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

    /// <summary>Its place in an array; null when it is in none.</summary>
    public ArrayElement? Array { get; init; }

    /// <summary>When its next attempt may start, while it waits for that.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>When its files were removed; null while they are there.</summary>
    public DateTimeOffset? PurgedAt { get; init; }

    /// <summary>When it will end, judging by its progress so far; null when that does not tell. In the past when it is late.</summary>
    public DateTimeOffset? EstimatedEndAt { get; init; }

    /// <summary>In the answer to a submit: whether this is an earlier job, whose result is given back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsReused { get; init; }

    /// <summary>The span that asked for it, as a traceparent (W3C Trace Context); null when nobody traces.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The trace that it belongs to: 32 hexadecimal digits of <see cref="TraceParent"/>.</summary>
    [JsonIgnore]
    public string? TraceId => TraceParent?.Split('-') is [_, var trace, ..] ? trace : null;
}
