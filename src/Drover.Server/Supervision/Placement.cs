namespace Drover.Server.Supervision;

/// <summary>What an attempt holds from the moment it may be sent until its process is gone. Disposing gives it all back.</summary>
/// <param name="session">The connection to send it over; null after a restart of the server, when it was sent before.</param>
/// <param name="place">Its place among those of its array that run at once.</param>
/// <param name="directory">Its run directory, when that is shared.</param>
/// <param name="cpus">Its CPUs.</param>
/// <param name="op">The right to have a start pending at the agent.</param>
internal sealed class Placement(AgentSession? session, IDisposable? place, IDisposable? directory, CpuLease cpus, SlotLease? op) : IDisposable
{
    private SlotLease? _op = op;

    /// <summary>The connection to send it over; null when it was sent before.</summary>
    internal AgentSession? Session { get; } = session;

    /// <summary>The agent has answered: another attempt can be sent.</summary>
    internal void EndOp()
    {
        _op?.Dispose();
        _op = null;
    }

    public void Dispose()
    {
        EndOp();
        cpus.Dispose();
        directory?.Dispose();
        place?.Dispose();
    }
}
