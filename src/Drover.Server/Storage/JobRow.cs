namespace Drover.Server.Storage;

/// <summary>A job as it is stored.</summary>
internal sealed record JobRow
{
    /// <summary>Its number.</summary>
    public required JobId Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string User { get; init; }

    /// <summary>What the user calls it.</summary>
    public required string Name { get; init; }

    /// <summary>What was asked for. Site, priority and CPUs are columns as well, taken from here.</summary>
    public required JobSpec Spec { get; init; }

    /// <summary>Where it is in its life.</summary>
    public JobState State { get; init; } = JobState.Queued;

    /// <summary>The number of its last attempt, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>When its process started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>How it ended, once it has.</summary>
    public AttemptEnd? End { get; init; }

    /// <summary>The agent that it was sent to, once one was chosen.</summary>
    public string? Agent { get; init; }

    /// <summary>The folder of that agent: only an agent with this folder has records of the attempt.</summary>
    public string? Folder { get; init; }

    /// <summary>The number of its first process at the site, once that is known.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The request to cancel it, once somebody asked.</summary>
    public StopOrder? Cancel { get; init; }

    /// <summary>Rises with every change of it.</summary>
    public long Revision { get; init; }

    /// <summary>Whether its files are kept when their time is over.</summary>
    public bool IsPinned { get; init; }

    /// <summary>The array that it belongs to.</summary>
    public JobId? Array { get; init; }

    /// <summary>Its index there.</summary>
    public int? ArrayIndex { get; init; }

    /// <summary>When its next attempt may start, once one failed.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>When its files were removed, or ordered to be; null while they are there.</summary>
    public DateTimeOffset? PurgeAt { get; init; }

    /// <summary>What tells whether an earlier result can be given back; null when none may.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The span that asked for it, as a traceparent (W3C Trace Context).</summary>
    public string? TraceParent { get; init; }
}
