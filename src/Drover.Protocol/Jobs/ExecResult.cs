namespace Drover.Protocol.Jobs;

/// <summary>How a command that ran in a job's run directory ended: the last frame of its answer.</summary>
public sealed record ExecResult
{
    /// <summary>How it ended.</summary>
    public required Ending Ending { get; init; }
}
