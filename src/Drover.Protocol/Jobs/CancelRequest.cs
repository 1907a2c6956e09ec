namespace Drover.Protocol.Jobs;

/// <summary>Asks to end a job.</summary>
public sealed record CancelRequest
{
    /// <summary>The reason, for whoever asks later.</summary>
    public string? Why { get; init; }

    /// <summary>Seconds between SIGTERM and SIGKILL; default: what the job asked for. Zero kills at once.</summary>
    public double? GraceSeconds { get; init; }
}
