using Drover.Protocol.Jobs;

namespace Drover.Protocol.Agents;

/// <summary>An attempt to start, with everything an agent needs to know for it.</summary>
public sealed record RunOrder
{
    /// <summary>Its number, stamped on the site before it is started.</summary>
    public required AttemptId Attempt { get; init; }

    /// <summary>The name of its run directory among those of the agent.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>What to run.</summary>
    public required JobSpec Spec { get; init; }

    /// <summary>Seconds between SIGTERM and SIGKILL when its time is over.</summary>
    public required double GraceSeconds { get; init; }

    /// <summary>Its place in an array; null when it is in none.</summary>
    public ArrayElement? Array { get; init; }

    /// <summary>The span that the attempt's own spans belong to, as a traceparent (W3C Trace Context); null when nobody traces.</summary>
    public string? TraceParent { get; init; }
}
