namespace Drover.Server.Supervision;

/// <summary>A job that waits for CPUs.</summary>
/// <param name="Job">Which.</param>
/// <param name="Turn">Set when it has got them.</param>
internal sealed record CpuWaiter(LiveJob Job, Event Turn)
{
    /// <summary>What it got.</summary>
    internal CpuLease? Lease { get; set; }
}
