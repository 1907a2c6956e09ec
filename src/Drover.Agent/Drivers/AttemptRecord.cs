namespace Drover.Agent.Drivers;

/// <summary>What a site's records say about an attempt.</summary>
internal sealed record AttemptRecord
{
    /// <summary>Which.</summary>
    public required AttemptId Attempt { get; init; }

    /// <summary>The name of its run directory; empty when it was canceled before it came.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>The number of its first process; null when it was never started.</summary>
    public int? ProcessId { get; init; }

    /// <summary>When that started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The span that it belongs to, as a traceparent (W3C Trace Context); null when nobody traces.</summary>
    public string? TraceParent { get; init; }

    /// <summary>What keeps it from ending although it was killed; null when nothing does.</summary>
    public string? Trouble { get; init; }

    /// <summary>How it ended; null while it runs.</summary>
    public AttemptEnd? End { get; init; }
}
